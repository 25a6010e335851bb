// Names for key presses: "mod+shift+o", where mod is Ctrl, or Cmd on a Mac.

/** @param {{key: string, code?: string, ctrlKey?: boolean, metaKey?: boolean, shiftKey?: boolean, altKey?: boolean}} event */
export function chord({ key, code = "", ctrlKey, metaKey, shiftKey, altKey }) {
  const held = [(ctrlKey || metaKey) && "mod", altKey && "alt", shiftKey && "shift"].filter(Boolean)
  return [...held, named(key, code)].join("+")
}

// Shift changes the letter and the sign; the place on the keyboard says which key it was.
/** @param {string} key @param {string} code */
function named(key, code) {
  if (code === "Semicolon") return ";"
  return key.length === 1 ? key.toLowerCase() : key
}

/** Enter that only ends a composition (Korean, Japanese, Chinese) must never send. @param {KeyboardEvent} event */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229
}

/** A key that writes a character. @param {KeyboardEvent} event */
export function isPrintable(event) {
  return event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " "
}

/** @param {string} platform */
export function isMac(platform = navigator.platform) {
  return /mac|iphone|ipad/i.test(platform)
}
