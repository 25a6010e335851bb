// The text of an answer as top-level blocks of Markdown, told piece by piece. A block that is settled stays as it is.

import { closeFormula, mend } from "models/mend.js"

const TOP_LEVEL = 3
const LOWEST_LEVEL = 6
const LONGEST_UNSETTLED = 20_000
const LONGEST = 200_000
const CLOSED_CODE = /^ {0,3}(`{3,}|~{3,})[^\n]*\n(?:[\s\S]*\n)? {0,3}\1[`~]*[ \t]*\n*$/

/** @typedef {{type: string, raw: string, depth?: number, tag?: string, href?: string, title?: string}} Token */
/** @typedef {(source: string) => Token[]} Lex blocks whose `raw`, put together, is the source */
/** @typedef {{source: string, type: string, level: number, isWhole: boolean, isOpen: boolean}} Block level: of a heading, so that none is skipped; isWhole: nothing will be added; isOpen: a formula without its end */

export class BlockSplitter {
  #lex
  #text = ""
  /** Where the text begins that is not settled. */
  #end = 0
  /** How far complete lines were looked at. */
  #lined = 0
  /** @type {Block[]} */
  #settled = []
  /** Depths of the headings that the next one stands under. @type {number[]} */
  #outline = []
  /** Reference definitions by label. @type {Record<string, {href: string, title: string | undefined}>} */
  #links = Object.create(null)
  /** What was settled before the end settled the rest. @type {{end: number, lined: number, settled: Block[], outline: number[], links: Record<string, any>} | null} */
  #beforeEnd = null

  /** @param {Lex} lex */
  constructor(lex) {
    this.#lex = lex
  }

  /** Of what is settled. */
  get links() {
    return this.#links
  }

  /**
   * @param {string} text the whole text so far @param {boolean} [isFinal]
   * @returns {Block[]} settled ones are the same objects as last time, unless the text was replaced
   */
  update(text, isFinal = false) {
    this.#reopen()
    this.#take(normalized(text, isFinal))
    if (isFinal) this.#noteEnd()
    this.#settle(isFinal)
    return [...this.#settled, ...(isFinal ? [] : this.#unsettled())]
  }

  // A text that was at its end may go on, in the middle of a block.
  #noteEnd() {
    const links = Object.assign(Object.create(null), this.#links)
    this.#beforeEnd = { end: this.#end, lined: this.#lined, settled: [...this.#settled], outline: this.#outline, links }
  }

  #reopen() {
    if (!this.#beforeEnd) return
    const { end, lined, settled, outline, links } = this.#beforeEnd
    this.#end = end
    this.#lined = lined
    this.#settled = settled
    this.#outline = outline
    this.#links = links
    this.#beforeEnd = null
  }

  /** @param {string} text */
  #take(text) {
    if (!text.startsWith(this.#text.slice(0, this.#end))) this.#forget()
    this.#text = text
  }

  #forget() {
    this.#end = this.#lined = 0
    this.#settled = []
    this.#outline = []
    this.#links = Object.create(null)
  }

  // A block is settled when another has begun on a complete line; what stands before an open formula only with its end,
  // since without one both may be a single paragraph.
  /** @param {boolean} isFinal */
  #settle(isFinal) {
    const upTo = isFinal ? this.#text.length : this.#text.lastIndexOf("\n") + 1
    if (upTo <= this.#lined && !isFinal) return
    this.#lined = upTo
    const source = this.#text.slice(this.#end, upTo)
    const closed = isFinal ? source : closeFormula(source)
    const tokens = lexed(this.#lex, closed)
    const open = isFinal ? 0 : closed === source ? 1 : 2
    for (const token of tokens.slice(0, startOfLast(tokens, open))) this.#add(token)
  }

  /** @param {Token} token */
  #add(token) {
    this.#end += token.raw.length
    if (token.type === "def") this.#links[token.tag ?? ""] ??= { href: token.href ?? "", title: token.title }
    if (token.type === "space" || token.type === "def") return
    this.#outline = entered(this.#outline, token)
    this.#settled.push(blockOf(token, this.#outline, true))
  }

  /** @returns {Block[]} */
  #unsettled() {
    const { text, isOpen } = mend(this.#text.slice(this.#end))
    const tokens = lexed(this.#lex, text).filter(({ type }) => type !== "space" && type !== "def")
    let outline = this.#outline
    const blocks = tokens.map((token) => blockOf(token, (outline = entered(outline, token)), false))
    const last = blocks.at(-1)
    if (last) last.isOpen = isOpen && last.type === "blockFormula"
    return blocks
  }
}

/** @param {string} text @param {boolean} isFinal */
function normalized(text, isFinal) {
  if (!text.includes("\r")) return text
  return (isFinal ? text : text.replace(/\r$/, "")).replace(/\r\n?/g, "\n")
}

/** What cannot be taken apart is one block. @param {Lex} lex @param {string} source @returns {Token[]} */
function lexed(lex, source) {
  try {
    const tokens = lex(source)
    const length = tokens.reduce((sum, { raw }) => sum + raw.length, 0)
    if (length === source.length) return tokens
  } catch {
    // Nested deeper than the stack: shown as it is.
  }
  return [{ type: "plain", raw: source }]
}

/** Where the last blocks begin, as many as `count`. @param {Token[]} tokens @param {number} count */
function startOfLast(tokens, count) {
  let at = tokens.length
  for (let left = count; left > 0 && at > 0; ) if (tokens[--at].type !== "space") left--
  return at
}

/** @param {number[]} outline @param {Token} token */
function entered(outline, { type, depth = 1 }) {
  return type === "heading" ? [...outline.filter((above) => above < depth), depth] : outline
}

/** @param {Token} token @param {number[]} outline @param {boolean} isSettled @returns {Block} */
function blockOf({ type, raw }, outline, isSettled) {
  const isLong = type !== "code" && raw.length > (isSettled ? LONGEST : LONGEST_UNSETTLED)
  const level = Math.min(TOP_LEVEL + outline.length - 1, LOWEST_LEVEL)
  return { source: raw, type: isLong ? "plain" : type, level, isWhole: isSettled || CLOSED_CODE.test(raw), isOpen: false }
}
