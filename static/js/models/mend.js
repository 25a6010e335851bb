// A text that is still being written, made to look as it will: what is open is closed, a mark that may become anything waits.
// Only for the screen, and only for the last block; the next piece of text makes a new guess.

const LONGEST_FORMULA = 5000
const PREFIX = String.raw`^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+|>[ \t]?)*`
const FENCE = new RegExp(`${PREFIX}(\`{3,}|~{3,})`)
const FORMULA = new RegExp(`${PREFIX}(\\$\\$|\\\\\\[)`)
const BLOCK_START = new RegExp(`${PREFIX}(?:[-*+][ \\t]|\\d{1,9}[.)][ \\t]|>|#{1,6}[ \\t])`)
const UNDECIDED = /^[ \t]*(?:>[ \t]?)*(?:[-*+_=#`~|$\\:]+|\d{1,2}[.)]?|[-*+][ \t]+\[[ xX]?\]?)?[ \t]*$/
const HALF_LINK = /!?\[([^[\]\n]*)\]\([^)\n]*$/
const MARKS = /\\[\s\S]|\*{1,3}|_{1,3}|~{1,2}/g

/** @typedef {{fence: string, formula: string, indent: string, from: number, since: number, hasTex: boolean, hasClosed: boolean}} State hasClosed: with its last line */

/** @param {string} text @returns {{text: string, isOpen: boolean}} isOpen: it ends in a formula that was closed here */
export function mend(text) {
  const end = stateAtEnd(text)
  if (end.formula && isEmptyFormula(text.slice(end.since))) return { text: text.slice(0, end.since), isOpen: false }
  if (end.formula) return { text: closeFormula(text), isOpen: true }
  if (end.fence) return { text: withoutHalfFence(text), isOpen: false }
  if (end.hasClosed) return { text, isOpen: false }
  const decided = text.slice(0, text.length - undecidedLength(text))
  return { text: decided.slice(0, end.from) + closed(decided.slice(end.from)), isOpen: false }
}

/** @param {string} text from the line that opens it */
function isEmptyFormula(text) {
  return text.replace(FORMULA, "").trim() === ""
}

/** Only what decides where blocks end. @param {string} text */
export function closeFormula(text) {
  const { formula, indent } = stateAtEnd(text)
  return formula ? `${text.replace(/\n?$/, "\n")}${indent}${formula}` : text
}

/**
 * What is open after the last line, and where its paragraph begins.
 * @param {string} text @returns {State}
 */
function stateAtEnd(text) {
  const state = { fence: "", formula: "", indent: "", from: 0, since: 0, hasTex: false, hasClosed: false }
  let at = 0
  for (const line of text.replace(/\n$/, "").split("\n")) {
    step(state, line, at)
    at += line.length + 1
  }
  if (at - state.since > LONGEST_FORMULA) state.formula = ""
  return state
}

/** @param {State} state @param {string} line @param {number} at */
function step(state, line, at) {
  const was = state.fence || state.formula
  if (state.fence) state.fence = closesFence(line, state.fence) ? "" : state.fence
  else if (state.formula) goOn(state, line, at)
  else open(state, line, at)
  state.hasClosed = was !== "" && !state.fence && !state.formula
  if (line.trim() === "" || /^#{1,6}[ \t]/.test(line)) state.from = at + line.length + 1
  else if (BLOCK_START.test(line)) state.from = at
}

/** @param {State} state @param {string} line @param {number} at */
function open(state, line, at) {
  state.fence = FENCE.exec(line)?.[1] ?? ""
  const formula = FORMULA.exec(line)
  if (state.fence || !formula) return
  const closing = formula[1] === "$$" ? "$$" : "\\]"
  if (!line.slice(formula[0].length).includes(closing)) Object.assign(state, { formula: closing, indent: " ".repeat(formula[0].length - 2), since: at, hasTex: line.trim().length > 2 })
}

/** A formula without TeX is none: what seemed to close it opens one. @param {State} state @param {string} line @param {number} at */
function goOn(state, line, at) {
  const [tex, ...rest] = line.split(state.formula)
  state.hasTex ||= tex.trim() !== ""
  if (rest.length > 0 && state.hasTex) state.formula = ""
  else if (rest.length > 0) Object.assign(state, { since: at, hasTex: rest.join("").trim() !== "" })
}

/** @param {string} line @param {string} fence */
function closesFence(line, fence) {
  const mark = line.replace(/^[ \t>]*/, "").trimEnd()
  return mark.startsWith(fence) && mark === fence[0].repeat(mark.length)
}

/** Backquotes at the end of code that may be its closing fence. @param {string} text */
function withoutHalfFence(text) {
  return text.replace(/\n[ \t]*[`~]{1,}$/, "\n")
}

/** @param {string} text */
function undecidedLength(text) {
  const line = text.slice(text.lastIndexOf("\n") + 1)
  return UNDECIDED.test(line) ? line.length : 0
}

/** @param {string} text of one paragraph */
function closed(text) {
  if (/^[ \t]*\|[^\n]*\n?$/.test(text)) return asTable(text.trimEnd())
  const { before, code } = splitAtOpenCode(text)
  return emphasisClosed(before.replace(HALF_LINK, "$1"), code)
}

/** The first line of a table, as long as the line that would say so is not there. @param {string} line */
function asTable(line) {
  const cells = line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/)
  return `${line}\n|${"---|".repeat(cells.length)}`
}

/** @param {string} text @returns {{before: string, code: string}} code: an inline code that was not closed, closed */
function splitAtOpenCode(text) {
  let at = 0
  for (;;) {
    const opening = /(?<!\\)`+/.exec(text.slice(at))
    if (!opening) return { before: text, code: "" }
    const begin = at + opening.index
    const end = endOfCode(text, begin + opening[0].length, opening[0].length)
    if (end < 0) return { before: text.slice(0, begin), code: codeClosed(text.slice(begin), opening[0]) }
    at = end
  }
}

/** @param {string} text @param {number} from @param {number} length of the closing run */
function endOfCode(text, from, length) {
  for (const run of text.slice(from).matchAll(/`+/g)) if (run[0].length === length) return from + run.index + length
  return -1
}

/** @param {string} code @param {string} mark */
function codeClosed(code, mark) {
  const inner = code.slice(mark.length).replace(/`+$/, "")
  return inner.trim() ? mark + inner + mark : ""
}

/** @param {string} text @param {string} rest stands behind the text and has no marks */
function emphasisClosed(text, rest) {
  const { cut, open } = marksOf(text, rest === "")
  const end = open.length > 0 ? (text.slice(0, cut) + rest).trimEnd() : text.slice(0, cut) + rest
  return end + open.toReversed().join("")
}

/** @param {string} text @param {boolean} isEnd @returns {{cut: number, open: string[]}} */
function marksOf(text, isEnd) {
  /** @type {string[]} */
  const open = []
  const end = text.trimEnd().length
  for (const { 0: mark, index } of text.matchAll(MARKS)) {
    if (mark[0] === "\\") continue
    const behind = index + mark.length
    const left = closes(open, mark, text[index - 1] ?? " ", text[behind] ?? " ")
    if (isEnd && behind >= end && left > 0) return { cut: behind - left, open }
    if (mark !== "~" && left === mark.length && /\S/.test(text[behind] ?? " ") && !isInWord(mark, text[index - 1], text[behind])) open.push(mark)
  }
  return { cut: text.length, open }
}

/** @param {string[]} open loses what the mark closes @param {string} mark @param {string} before @param {string} after @returns {number} how many of its characters close nothing */
function closes(open, mark, before, after) {
  let left = mark.length
  if (/\s/.test(before) || isInWord(mark, before, after)) return left
  while (open.at(-1)?.[0] === mark[0] && /** @type {string} */ (open.at(-1)).length <= left) left -= /** @type {string} */ (open.pop()).length
  return left
}

/** snake_case @param {string} mark @param {string} [before] @param {string} [after] */
function isInWord(mark, before = " ", after = " ") {
  return mark[0] === "_" && /\w/.test(before) && /\w/.test(after)
}
