// navigator.clipboard exists only on https and localhost; the older way serves plain http.

/** @param {string} text @returns {Promise<boolean>} whether it was copied */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement)
  const field = document.createElement("textarea")
  field.value = text
  field.className = "hidden-visually"
  ;(document.querySelector("dialog[open]") ?? document.body).append(field)
  field.select()
  const copied = document.execCommand("copy")
  field.remove()
  before?.focus()
  return copied
}
