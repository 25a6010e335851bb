// One block of Markdown to safe DOM: marked, then DOMPurify, then what the page itself adds.

import { furnish } from "lib/furniture.js"
import { allTokens, walk } from "lib/grammar.js"
import { htmlOf } from "lib/html.js"
import { awaitedMath, sourceOf } from "lib/math.js"
import { sanitized } from "lib/sanitize.js"

const TOP_LEVEL = 3
/** Tokens of one block; a formula is many. */
const HEAVIEST = 6000

/** @typedef {import("lib/grammar.js").Token} Token */
/** @typedef {import("lib/grammar.js").Links} Links */
/** @typedef {import("lib/furniture.js").Drawing & {links?: Links, level?: number}} Drawing `level` of its heading */

/**
 * @param {string} source @param {Drawing} [drawing]
 * @returns {DocumentFragment} never throws: what cannot be drawn is shown as it was written
 */
export function renderBlock(source, drawing = {}) {
  try {
    return drawn(source, drawing)
  } catch {
    return plain(source)
  }
}

/** @param {string} source @param {Drawing} drawing */
function drawn(source, drawing) {
  const tokens = allTokens(source, drawing.links)
  for (const token of /** @type {Token[]} */ (tokens)) if (token.type === "heading") token.level = drawing.level ?? TOP_LEVEL
  const codes = gather(tokens, drawing)
  const fragment = sanitized(htmlOf(tokens))
  furnish(fragment, codes, drawing)
  return fragment
}

/** @param {Token[]} tokens @param {Drawing} drawing @returns {any[]} the code blocks in their order */
function gather(tokens, drawing) {
  /** @type {any[]} */
  const codes = []
  let weight = 0
  for (const token of walk(tokens)) {
    if ((weight += weightOf(token)) > HEAVIEST) throw new RangeError("More than a page can draw in a second")
    if (token.type === "code") codes.push(token)
    if (token.type.endsWith("Formula")) drawing.needs?.push(...[awaitedMath() ?? []].flat())
  }
  return codes
}

/** @param {Token} token */
function weightOf({ type, tex = "" }) {
  return type.endsWith("Formula") ? 20 + tex.length / 4 : 1
}

/** @param {string} source @returns {DocumentFragment} the source as it is */
export function plain(source) {
  const fragment = document.createDocumentFragment()
  const text = document.createElement("p")
  text.className = "plain"
  text.dir = "auto"
  text.textContent = source.trimEnd()
  fragment.append(text)
  return fragment
}

/** A formula that is still being written. @param {string} source @returns {DocumentFragment} */
export function unfinishedFormula(source) {
  return sanitized(`<div class="formula open">${sourceOf(source)}</div>`)
}
