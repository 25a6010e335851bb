// What stands around the text of an answer and is not the model's: the frame of a code block, a table's scroller, a check box.

import { awaitedLanguage, canHighlight, highlight, labelOf } from "lib/highlight.js"
import { sanitized } from "lib/sanitize.js"

const SVG = "http://www.w3.org/2000/svg"
const LONGEST_LABEL = 80
/** Characters that change the order of others on screen: in code they can hide what it does. */
const CONTROLS = /[\u202A-\u202E\u2066-\u2069\u200B-\u200F\u2060\uFEFF]/

/** @typedef {{text: string, lang?: string}} Code */
/** @typedef {{isWhole?: boolean, needs?: Promise<unknown>[]}} Drawing `needs`: what is awaited before drawing it again is worth it */

/** @param {DocumentFragment} fragment @param {Code[]} codes in the order of their <pre> @param {Drawing} drawing */
export function furnish(fragment, codes, drawing) {
  fragment.querySelectorAll("pre").forEach((place, at) => place.replaceWith(codeFrame(codes[at], drawing)))
  for (const table of fragment.querySelectorAll("table")) wrapTable(table)
  for (const task of fragment.querySelectorAll("span.task")) task.replaceWith(checkBox(task.classList.contains("done")))
  for (const formula of fragment.querySelectorAll("div.formula")) focusable(formula, "Formula")
}

/** @param {Code} code @param {Drawing} drawing */
function codeFrame({ text, lang = "" }, drawing) {
  const label = labelOf(lang)
  const frame = element("div", "code")
  const header = element("header", "")
  const name = element("span", "")
  name.textContent = label
  header.append(name, copyButton(label))
  frame.append(header, codeBox(text, lang, label, drawing))
  return frame
}

/** @param {string} text @param {string} lang @param {string} label @param {Drawing} drawing */
function codeBox(text, lang, label, drawing) {
  const box = element("pre", "")
  const code = element("code", "")
  code.append(coloured(text, lang, drawing) ?? text)
  if (CONTROLS.test(text)) markControls(code)
  box.append(code)
  box.dir = "ltr"
  return focusable(box, `${label} code`)
}

/** @param {string} text @param {string} lang @param {Drawing} drawing */
function coloured(text, lang, { isWhole, needs }) {
  if (!isWhole || !canHighlight(lang, text)) return null
  const awaited = awaitedLanguage(lang)
  if (awaited) return void needs?.push(awaited)
  const html = highlight(lang, text)
  return html === null ? null : sanitized(html)
}

/** Give every control a sign of its own, by CSS: what is copied stays as it was. @param {HTMLElement} code */
function markControls(code) {
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode))
  for (const text of texts) if (CONTROLS.test(text.data)) text.replaceWith(...text.data.split(new RegExp(`(${CONTROLS.source})`)).map(withSign))
}

/** @param {string} part */
function withSign(part) {
  if (!CONTROLS.test(part)) return part
  const sign = element("span", "control")
  sign.dataset.sign = `U+${/** @type {number} */ (part.codePointAt(0)).toString(16).toUpperCase()}`
  sign.textContent = part
  return sign
}

/** @param {string} label */
function copyButton(label) {
  const button = element("button", "button ghost small")
  button.setAttribute("type", "button")
  button.setAttribute("aria-label", `Copy ${label} code`)
  button.dataset.copyCode = ""
  const words = element("span", "")
  words.textContent = "Copy"
  button.append(icon("copy"), words)
  return button
}

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  const use = document.createElementNS(SVG, "use")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  use.setAttribute("href", `#icon-${name}`)
  svg.append(use)
  return svg
}

/** @param {HTMLTableElement} table */
function wrapTable(table) {
  const heads = [...table.querySelectorAll("th")].map((head) => head.textContent?.trim()).filter(Boolean)
  const wrap = element("div", "table-wrap")
  table.replaceWith(wrap)
  wrap.append(table)
  focusable(wrap, `Table: ${heads.join(", ").slice(0, LONGEST_LABEL)}`)
}

/** A keyboard scrolls only what it can reach. @param {Element} box @param {string} label */
function focusable(box, label) {
  box.setAttribute("tabindex", "0")
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", label)
  return box
}

/** @param {boolean} isDone */
function checkBox(isDone) {
  const box = element("input", "")
  box.setAttribute("type", "checkbox")
  box.setAttribute("disabled", "")
  box.toggleAttribute("checked", isDone)
  box.setAttribute("aria-label", isDone ? "Done" : "Open")
  return box
}

/** @param {string} tag @param {string} name */
function element(tag, name) {
  const made = document.createElement(tag)
  if (name) made.className = name
  return made
}
