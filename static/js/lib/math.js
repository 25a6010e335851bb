// TeX to MathML. KaTeX is loaded when the first formula appears; its output needs no styles and no scripts.

import { escapeHtml } from "lib/escape.js"

const LONGEST = 4000
const DEEPEST = 60
const REMEMBERED = 400
/** em: what a length written in TeX may move or stretch. */
const FARTHEST = 20
const LOWEST = 2
const ERROR_COLOR = "#cc0000"

/** What KaTeX refuses without `trust` it draws by halves: then the source says more. */
const REFUSED = /\\(?:href|url|includegraphics|html[A-Z]|cssId)/

/** @typedef {{renderToString: (tex: string, options: object) => string}} Katex */

/** @type {Katex | undefined} */
let katex
/** @type {Promise<void> | null | undefined} null: over, well or badly */
let loading
/** @type {Map<string, string>} */
const known = new Map()

/** @returns {Promise<void> | null} settled when formulas can be drawn; null: there is nothing to wait for */
export function awaitedMath() {
  if (loading === undefined) loading = load().finally(() => void (loading = null))
  return loading
}

async function load() {
  try {
    katex = /** @type {Katex} */ ((await import("katex")).default)
  } catch {
    // Without KaTeX formulas stay as they were written.
  }
}

/**
 * HTML of one formula: MathML, or its TeX while KaTeX is not there, or for what KaTeX does not take.
 * @param {string} tex @param {boolean} display
 */
export function renderMath(tex, display) {
  const key = `${display}${tex}`
  const found = known.get(key) ?? draw(tex, display)
  if (katex) remember(key, found)
  return found
}

/** @param {string} tex @param {boolean} display */
function draw(tex, display) {
  if (!katex || !isReasonable(tex)) return sourceOf(tex)
  try {
    const html = katex.renderToString(tex, optionsFor(display))
    return html.includes("katex-error") ? sourceOf(tex) : plainMathml(html)
  } catch {
    return sourceOf(tex)
  }
}

/** @param {boolean} displayMode */
function optionsFor(displayMode) {
  return { displayMode, output: "mathml", trust: false, maxExpand: 200, maxSize: FARTHEST, throwOnError: false, errorColor: ERROR_COLOR, strict: "ignore", macros: {} }
}

// KaTeX descends once for every brace; the limits keep the worst formula below a frame or two.
/** @param {string} tex */
function isReasonable(tex) {
  return tex.length <= LONGEST && !REFUSED.test(tex) && depthOf(tex) <= DEEPEST
}

/** @param {string} tex */
function depthOf(tex) {
  let depth = 0
  let deepest = 0
  for (const [mark] of tex.matchAll(/\{|\}|\\left\b|\\right\b|\\begin\b|\\end\b/g)) {
    depth += /^(\{|\\left|\\begin)$/.test(mark) ? 1 : -1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

/** @param {string} tex */
export function sourceOf(tex) {
  return `<code class="tex">${escapeHtml(tex.trim())}</code>`
}

/**
 * What browsers draw of KaTeX's MathML, without styles: alignment and errors as classes, lengths bounded.
 * @param {string} html
 */
function plainMathml(html) {
  return html
    .replace(/^<span class="katex">|<\/span>$/g, "")
    .replace(/<\/?semantics>|<annotation [^>]*>[^<]*<\/annotation>/g, "")
    .replace(/ style="[^"]*"/g, "")
    .replaceAll(`mathcolor="${ERROR_COLOR}"`, 'class="error"')
    .replace(/<mtable([^>]*) columnalign="([a-z ]+)"/g, (_, before, columns) => `<mtable${before} class="${alignment(columns)}"`)
    .replace(/ (width|height|depth|lspace|voffset|minsize|maxsize)="([+-]?)(\d*\.?\d+)(em|ex|pt|px|mu)"/g, boundedLength)
}

/** @param {string} columns "right left right left" @returns {string} */
function alignment(columns) {
  const kinds = columns.split(" ")
  if (kinds.every((kind) => kind === "left")) return "left"
  if (kinds.every((kind, at) => kind === (at % 2 ? "left" : "right"))) return "pairs"
  return "center"
}

/** @param {string} _ @param {string} name @param {string} sign @param {string} size @param {string} unit */
function boundedLength(_, name, sign, size, unit) {
  const limit = (sign === "-" || name === "voffset" ? LOWEST : FARTHEST) * (unit === "em" ? 1 : 10)
  return ` ${name}="${sign}${Math.min(Number(size), limit)}${unit}"`
}

/** @param {string} key @param {string} html */
function remember(key, html) {
  if (known.size >= REMEMBERED) known.delete(/** @type {string} */ (known.keys().next().value))
  known.set(key, html)
}
