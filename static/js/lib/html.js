// Tokens to HTML. Whatever came from the model is escaped here, and checked again by lib/sanitize.js.

import { Parser, Renderer } from "marked"
import { escapeHtml } from "lib/escape.js"
import { options } from "lib/grammar.js"
import { hostToShow, safeAddress } from "lib/links.js"

const NUMBER = /^[~≈<>≤≥±+−–-]?\s?[€$£¥₩]?\s?\d[\d.,'’\u00A0\u202F ]*(?:\s?[^\s\d|]{1,5}){0,2}$/u
const REL = "noopener noreferrer nofollow ugc"

/** @typedef {import("marked").Tokens.Generic} Token */
/** @typedef {import("marked").Tokens.TableCell} Cell */

/** Headings know their level only at the top of an answer (`token.level`); elsewhere they are strong text. */
class AnswerRenderer extends Renderer {
  /** @param {Token} token */
  heading({ tokens = [], level }) {
    const words = this.parser.parseInline(tokens)
    return level ? `<h${level} dir="auto">${words}</h${level}>\n` : `<p dir="auto"><strong>${words}</strong></p>\n`
  }

  /** @param {Token} token */
  paragraph({ tokens = [] }) {
    return `<p dir="auto">${this.parser.parseInline(tokens)}</p>\n`
  }

  // Filled by lib/furniture.js: code never passes through an HTML parser.
  code() {
    return "<pre></pre>\n"
  }

  /** @param {Token} token */
  blockquote({ tokens = [] }) {
    return `<blockquote>${this.parser.parse(tokens)}</blockquote>\n`
  }

  /** @param {Token} token */
  list({ ordered, start, items }) {
    const from = ordered && Number(start) !== 1 ? ` start="${Number(start)}"` : ""
    const tag = ordered ? "ol" : "ul"
    return `<${tag}${from}>${items.map((/** @type {any} */ item) => this.listitem(item)).join("")}</${tag}>\n`
  }

  /** @param {Token} item */
  listitem({ tokens = [] }) {
    return `<li dir="auto">${this.parser.parse(tokens)}</li>\n`
  }

  /** @param {Token} token */
  checkbox({ checked }) {
    return `<span class="task ${checked ? "done" : "open"}"></span>`
  }

  /** @param {Token} token */
  table({ header, rows, align }) {
    const kinds = header.map((/** @type {Cell} */ _, /** @type {number} */ at) => kindOf(at, align[at], rows))
    const head = this.#row(header, "th", kinds)
    return `<table><thead>${head}</thead><tbody>${rows.map((/** @type {Cell[]} */ row) => this.#row(row, "td", kinds)).join("")}</tbody></table>\n`
  }

  /** @param {Cell[]} cells @param {"th" | "td"} tag @param {string[]} kinds */
  #row(cells, tag, kinds) {
    const scope = tag === "th" ? ' scope="col"' : ""
    return `<tr>${cells.map((cell, at) => `<${tag}${scope}${classed(kinds[at])} dir="auto">${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`
  }

  /** @param {{text: string}} token */
  html({ text }) {
    return escapeHtml(text)
  }

  /** @param {Token} token */
  text(token) {
    return token.tokens ? this.parser.parseInline(token.tokens) : escapeText(token.text)
  }

  /** @param {{text: string}} token */
  codespan({ text }) {
    return `<code>${escapeHtml(text)}</code>`
  }

  /** @param {Token} token */
  link({ href, text, tokens = [] }) {
    const inner = this.parser.parseInline(tokens).replace(/<\/?a\b[^>]*>/g, "")
    return linkTo(safeAddress(href), inner, text)
  }

  // Never loaded: an address in an answer could carry away what was said.
  /** @param {{href: string, text: string}} token */
  image({ href, text }) {
    return linkTo(safeAddress(href), escapeHtml(text.trim() ? `Image: ${text.trim()}` : "Image"), text)
  }
}

/** @param {any} tokens @returns {string} */
export function htmlOf(tokens) {
  return new Parser({ ...options, renderer: /** @type {any} */ (new AnswerRenderer()) }).parse(tokens)
}

/** As text, but what is written as an entity is that character. @param {string} text */
function escapeText(text) {
  return text.replace(/&(?!#\d{1,7};|#x[\da-f]{1,6};|\w{1,31};)|[<>"']/gi, escapeHtml)
}

/** @param {URL | null} address @param {string} inner @param {string} words */
function linkTo(address, inner, words) {
  if (!address) return inner
  const host = hostToShow(address, words)
  const note = host ? ` <span class="host">(${escapeHtml(host)})</span>` : ""
  return `<a href="${escapeHtml(address.href)}" target="_blank" rel="${REL}">${inner}</a>${note}`
}

// Names left, figures right; what the author of the table says about it goes first.
/** @param {number} at @param {string | null} align @param {Cell[][]} rows */
function kindOf(at, align, rows) {
  if (align) return align === "right" ? "number" : align === "center" ? "center" : ""
  const texts = rows.map((row) => row[at].text.replace(/[*_`]/g, "").trim()).filter(Boolean)
  return at > 0 && texts.length > 0 && texts.every((text) => NUMBER.test(text)) ? "number" : ""
}

/** @param {string} name */
function classed(name) {
  return name ? ` class="${name}"` : ""
}
