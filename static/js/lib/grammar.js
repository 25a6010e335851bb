// Markdown as models write it: GFM, formulas, footnotes, and emphasis beside Chinese, Japanese and Korean letters.
// No HTML: a tag is text, but for <br>, which is the only way to break a line in a table.

import { Lexer, Marked, Tokenizer } from "marked"
import { escapeHtml } from "lib/escape.js"
import { maskMath, mathExtensions } from "lib/math-grammar.js"
import { nextPlace } from "lib/next-place.js"

const MOST_DELIMITERS = 800
const LONGEST_ADDRESS = 1000
const DEEPEST = 20
const NOTE = /^\[\^([^\]\s]{1,40})\]/
const NOTE_TEXT = /^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]+([^\n]+(?:\n(?![ \t]*(?:\n|\[\^))[^\n]+)*)(?:\n|$)/
const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u
const SIGN_AT_EDGE = /^[\p{P}\p{S}]|[\p{P}\p{S}]$/u
const TITLE = /^[^\n]{1,300}\n {0,3}=+[ \t]*(?:\n|$)/
const STRONG = /^\*\*(?![\s*])([^*\n]{0,300}[^\s*])\*\*(?!\*)/

/** @typedef {import("marked").Tokens.Generic} Token */
/** @typedef {Record<string, {href: string, title: string | undefined}>} Links reference definitions by label, without a prototype */

/** @type {import("marked").TokenizerAndRendererExtension} */
const noteMark = {
  name: "noteMark",
  level: "inline",
  start: (source) => nextPlace(source, /\[\^/),
  tokenizer(source) {
    const found = NOTE.exec(source)
    return found ? { type: "noteMark", raw: found[0], label: found[1] } : undefined
  },
  renderer: ({ label }) => `<sup class="note">${escapeHtml(label)}</sup>`,
}

/** @type {import("marked").TokenizerAndRendererExtension} */
const note = {
  name: "note",
  level: "block",
  tokenizer(source) {
    const found = NOTE_TEXT.exec(source)
    return found ? { type: "note", raw: found[0], label: found[1], tokens: this.lexer.inline(found[2]) } : undefined
  },
  renderer({ label, tokens = [] }) {
    return `<p class="note" dir="auto"><sup>${escapeHtml(label)}</sup> ${this.parser.parseInline(tokens)}</p>\n`
  },
}

// The rules of emphasis want a space or a sign outside the stars, which these scripts do not write: **“가”**는.
/** @type {import("marked").TokenizerAndRendererExtension} */
const strongBesideCjk = {
  name: "strongBesideCjk",
  level: "inline",
  tokenizer(source, tokens) {
    const found = source.startsWith("**") ? STRONG.exec(source.slice(0, 310)) : null
    if (!found || !SIGN_AT_EDGE.test(found[1])) return undefined
    if (!CJK.test(source[found[0].length] ?? "") && !CJK.test(tokens.at(-1)?.raw.slice(-1) ?? "")) return undefined
    return { type: "strong", raw: found[0], text: found[1], tokens: this.lexer.inlineTokens(found[1]) }
  },
}

class AnswerTokenizer extends Tokenizer {
  #depth = 0

  /** @param {string} source */
  blockquote(source) {
    return this.#deeper(() => super.blockquote(source))
  }

  /** @param {string} source */
  list(source) {
    return this.#deeper(() => super.list(source))
  }

  // Only a title above "===". Under words "---" is meant as a line, and would turn what was written into a heading.
  /** @param {string} source */
  lheading(source) {
    const found = TITLE.exec(source)
    return found ? super.lheading(found[0]) : undefined
  }

  /** Beyond what anybody nests a mark is text. @template T @param {() => T} tokenize */
  #deeper(tokenize) {
    if (this.#depth >= DEEPEST) return undefined
    this.#depth++
    try {
      return tokenize()
    } finally {
      this.#depth--
    }
  }

  html() {
    return undefined
  }

  /** @param {string} source */
  tag(source) {
    const found = source.startsWith("<") ? this.rules.inline.tag.exec(source) : null
    return found ? tagToken(found[0]) : undefined
  }

  /** @param {string} source @param {string} masked @param {string} [before] */
  emStrong(source, masked, before) {
    return isTangled(masked) ? undefined : super.emStrong(source, masked, before)
  }

  // One tilde is "about": ~5 to ~6.
  /** @param {string} source @param {string} masked @param {string} [before] */
  del(source, masked, before) {
    return !source.startsWith("~~") || isTangled(masked) ? undefined : super.del(source, masked, before)
  }

  // Its pattern for mail looks ahead as far as there are letters, at each of them.
  /** @param {string} source */
  url(source) {
    return super.url(source.slice(0, LONGEST_ADDRESS))
  }
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  extensions: [...mathExtensions, noteMark, note, strongBesideCjk],
  hooks: { emStrongMask: maskMath },
})

export const options = { ...marked.defaults, tokenizer: new AnswerTokenizer() }

/** The blocks of a text, not looked into. @param {string} source @returns {Token[]} */
export function blockTokens(source) {
  return new Lexer({ ...options }).blockTokens(source)
}

/** Everything in a text. @param {string} source @param {Links} [links] defined elsewhere @returns {import("marked").TokensList} */
export function allTokens(source, links) {
  const lexer = new Lexer({ ...options })
  Object.assign(lexer.tokens.links, links)
  return lexer.lex(source)
}

/** Every token, in the order of the text. @param {Token[]} tokens @returns {Generator<Token>} */
export function* walk(tokens) {
  for (const token of tokens) {
    yield token
    for (const inner of [token.header, ...(token.rows ?? [])]) for (const cell of inner ?? []) yield* walk(cell.tokens)
    yield* walk(token.items ?? token.tokens ?? [])
  }
}

/** @param {string} raw @returns {any} */
function tagToken(raw) {
  return /^<br\s*\/?>$/i.test(raw) ? { type: "br", raw } : { type: "html", raw, text: raw, block: false, pre: false }
}

let lastMasked = ""
let lastTangled = false

// Pairing stars is quadratic in their number. Nobody emphasises that much in one paragraph; an attack does.
/** @param {string} masked */
function isTangled(masked) {
  if (masked.length < MOST_DELIMITERS) return false
  if (masked !== lastMasked) {
    lastMasked = masked
    lastTangled = (masked.match(/[*_~]/g)?.length ?? 0) > MOST_DELIMITERS
  }
  return lastTangled
}
