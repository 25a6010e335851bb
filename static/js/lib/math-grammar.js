// Where a formula begins and ends in Markdown: $x$, $$x$$, \(x\), \[x\]. Dollars are mostly prices, so they must look like TeX.

import { renderMath } from "lib/math.js"

const LONGEST_BLOCK = 5000
const LONGEST_INLINE = 1000
const OPENING = /^ {0,3}(\$\$|\\\[)/
const LINE_END = /^[ \t]*[.,;:]?[ \t]*(?:\n|$)/
const DISPLAY = /^(?:\$\$((?:\\[^\n]|[^$\\])+)\$\$|\\\[((?:(?!\\\])[\s\S])+?)\\\])/
const PARENTHESES = /^\\\(((?:(?!\\\))[^\n])+?)\\\)/
const DOLLARS = /^\$((?:\\[^\n]|[^$\\])+)\$(?![A-Za-z0-9_$])/
const MASKED = /\$\$?(?:\\[^\n]|[^$\\\n])+\$\$?|\\\((?:(?!\\\))[^\n])+\\\)|\\\[(?:(?!\\\])[^\n])+\\\]/g
const BRACED = /\{[^{}]*\}/g
const WORD = /(?<![\\\p{L}])(?:\p{L}{3,}|and|or|to|bis|und|per)(?!\p{L})/u

/** @type {import("marked").TokenizerAndRendererExtension} */
const blockFormula = {
  name: "blockFormula",
  level: "block",
  start: (source) => indexOf(source, /(?:^|\n) {0,3}(?:\$\$|\\\[)/),
  tokenizer: (source) => blockToken(source),
  renderer: ({ tex }) => `<div class="formula">${renderMath(tex, true)}</div>\n`,
}

/** @type {import("marked").TokenizerAndRendererExtension} */
const inlineFormula = {
  name: "inlineFormula",
  level: "inline",
  start: (source) => indexOf(source, /\$|\\[([]/),
  tokenizer: (source, tokens) => displayToken(source) ?? inlineToken(source, tokens.at(-1)?.raw.at(-1) ?? ""),
  renderer: ({ tex, display }) => (display ? `<span class="formula">${renderMath(tex, true)}</span>` : renderMath(tex, false)),
}

export const mathExtensions = [blockFormula, inlineFormula]

/** The same text with formulas blanked, so that `*` and `_` in them emphasise nothing. @param {string} source */
export function maskMath(source) {
  return source.replace(MASKED, (formula) => "a".repeat(formula.length))
}

/** @param {string} source @param {RegExp} pattern */
function indexOf(source, pattern) {
  const at = source.search(pattern)
  return at < 0 ? undefined : source[at] === "\n" ? at + 1 : at
}

/** @param {string} source */
function blockToken(source) {
  const opening = OPENING.exec(source)
  if (!opening) return undefined
  const begin = opening[0].length
  const end = source.indexOf(opening[1] === "$$" ? "$$" : "\\]", begin)
  const tex = source.slice(begin, end)
  if (end < 0 || tex.length > LONGEST_BLOCK || !isBlock(tex)) return undefined
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
  const found = DISPLAY.exec(source.slice(0, LONGEST_BLOCK))
  const tex = found?.[1] ?? found?.[2]
  return found && tex?.trim() ? { type: "inlineFormula", raw: found[0], tex, display: true } : undefined
}

/** @param {string} source @param {string} before the character before it */
function inlineToken(source, before) {
  const near = source.slice(0, LONGEST_INLINE)
  const dollars = /[A-Za-z0-9_$]/.test(before) ? null : DOLLARS.exec(near)
  const found = PARENTHESES.exec(near) ?? (dollars && isTex(dollars[1]) ? dollars : null)
  return found ? { type: "inlineFormula", raw: found[0], tex: found[1], display: false } : undefined
}

/** Whether what stands between two dollars is a formula: "$5 and 6$" is not. @param {string} text */
export function isTex(text) {
  if (/^\s|\s$|\n\s*\n/.test(text)) return false
  return !/^\d/.test(text) || !WORD.test(text.replace(BRACED, ""))
}
