// Where a formula begins and ends in Markdown: $x$, $$x$$, \(x\), \[x\]. Dollars are mostly prices, so they must look like TeX.

import { nextPlace } from "lib/next-place.js"
import { renderMath } from "lib/math.js"

const LONGEST_BLOCK = 5000
const LONGEST_INLINE = 1000
const OPENING = /^ {0,3}(\$\$|\\\[)/
const LINE_END = /^[ \t]*[.,;:]?[ \t]*(?:\n|$)/
const DISPLAY = /^\$\$((?:\\[^\n]|[^$\\])+)\$\$/
const DOLLARS = /^\$((?:\\[^\n]|[^$\\])+)\$(?![A-Za-z0-9_$])/
const MASKED = /\$\$?(?:\\[^\n]|[^$\\\n])+\$\$?|\\\((?:(?!\\\))[^\n]){1,400}\\\)|\\\[(?:(?!\\\])[^\n]){1,400}\\\]/g
const BRACED = /\{[^{}]*\}/g
const WORD = /(?<![\\\p{L}])(?:\p{L}{3,}|and|or|to|bis|und|per)(?!\p{L})/u

/** @type {import("marked").TokenizerAndRendererExtension} */
const blockFormula = {
  name: "blockFormula",
  level: "block",
  start: nextBlock,
  tokenizer: (source) => blockToken(source),
  renderer: ({ tex }) => `<div class="formula">${renderMath(tex, true)}</div>\n`,
}

/** @type {import("marked").TokenizerAndRendererExtension} */
const inlineFormula = {
  name: "inlineFormula",
  level: "inline",
  start: (source) => nextPlace(source, /\$|\\[([]/),
  tokenizer: (source, tokens) => displayToken(source) ?? inlineToken(source, tokens),
  renderer: ({ tex, display }) => (display ? `<span class="formula">${renderMath(tex, true)}</span>` : renderMath(tex, false)),
}

export const mathExtensions = [blockFormula, inlineFormula]

/** The same text with formulas blanked, so that `*` and `_` in them emphasise nothing. @param {string} source */
export function maskMath(source) {
  return source.replace(MASKED, (formula) => "a".repeat(formula.length))
}

/** @param {string} source */
function firstParagraph(source) {
  const near = source.slice(0, LONGEST_BLOCK)
  const end = near.indexOf("\n\n")
  return end < 0 ? near : near.slice(0, end)
}

/** Where in this paragraph a formula begins that also ends. @param {string} source */
function nextBlock(source) {
  for (const { index } of firstParagraph(source).matchAll(/\n {0,3}(?:\$\$|\\\[)/g)) if (blockToken(source.slice(index + 1))) return index + 1
  return undefined
}

/** @param {string} source */
function blockToken(source) {
  const opening = OPENING.exec(source)
  if (!opening) return undefined
  const begin = opening[0].length
  const end = source.slice(0, LONGEST_BLOCK).indexOf(opening[1] === "$$" ? "$$" : "\\]", begin)
  const tex = source.slice(begin, end)
  if (end < 0 || !isBlock(tex)) return undefined
  const rest = LINE_END.exec(source.slice(end + 2, end + 40))
  return rest ? { type: "blockFormula", raw: source.slice(0, end + 2) + rest[0], tex } : undefined
}

// Empty lines belong to a formula only when its opening stands alone on its line.
/** @param {string} tex */
function isBlock(tex) {
  return tex.trim() !== "" && (/^[ \t]*\n/.test(tex) || !/\n[ \t]*\n/.test(tex))
}

/** @param {string} source */
function displayToken(source) {
  const found = DISPLAY.exec(source.slice(0, LONGEST_BLOCK)) ?? between(source, "\\[", "\\]", LONGEST_INLINE)
  return found?.[1].trim() ? { type: "inlineFormula", raw: found[0], tex: found[1], display: true } : undefined
}

/** @param {string} source @param {import("marked").Token[]} tokens before it */
function inlineToken(source, tokens) {
  const found = between(source, "\\(", "\\)", LONGEST_INLINE) ?? betweenDollars(source, tokens)
  return found?.[1].trim() ? { type: "inlineFormula", raw: found[0], tex: found[1], display: false } : undefined
}

/** @param {string} source @param {string} opening @param {string} closing @param {number} longest @returns {[string, string] | null} */
function between(source, opening, closing, longest) {
  if (!source.startsWith(opening)) return null
  const end = source.slice(0, longest).indexOf(closing, opening.length)
  return end < 0 ? null : [source.slice(0, end + closing.length), source.slice(opening.length, end)]
}

/** @param {string} source @param {import("marked").Token[]} tokens */
function betweenDollars(source, tokens) {
  const found = source.startsWith("$") ? DOLLARS.exec(source.slice(0, LONGEST_INLINE)) : null
  if (!found || !isTex(found[1])) return null
  return /[A-Za-z0-9_$]$/.test(tokens.at(-1)?.raw.slice(-1) ?? "") ? null : found
}

/** Whether what stands between two dollars is a formula: "$5 and 6$" is not. @param {string} text */
export function isTex(text) {
  if (/^\s|\s$|\n\s*\n/.test(text)) return false
  return !/^\d/.test(text) || !WORD.test(text.replace(BRACED, ""))
}
