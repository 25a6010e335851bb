// The text of an answer, drawn as Markdown while it is written. Blocks that are finished keep their nodes.

import { copyText } from "lib/clipboard.js"
import { emit, find, setIcon, setText } from "lib/dom.js"
import { blockTokens } from "lib/grammar.js"
import { plain, renderBlock, unfinishedFormula } from "lib/markdown.js"
import { morphAll } from "lib/morph.js"
import { nextSlice, Slice, whenIdle } from "lib/slices.js"
import { BlockSplitter } from "models/blocks.js"

/** While text streams, drawing takes at most this part of the time. */
const SHARE = 1 / 4
const CHEAP = 6
/** Characters that are taken apart at once. */
const PIECE = 6_000
/** blocks */
const LONG = 60
const COPIED_FOR = 1600

/** @typedef {import("models/blocks.js").Block} Block */
/** @typedef {{block: Block, elements: Element[], isDrawn: boolean}} Row */

class AnswerProse extends HTMLElement {
  #leaving = new AbortController()
  #splitter = new BlockSplitter(/** @type {import("models/blocks.js").Lex} */ (blockTokens))
  #text = ""
  #isFinal = false
  /** @type {Row[]} */
  #rows = []
  #links = 0
  #restUntil = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later
  #isSlicing = false
  /** How much of the text was taken apart. */
  #taken = 0
  /** @type {Element[]} */
  #rest = []

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    if (this.#text) this.#update()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#later)
  }

  /** The source. */
  get text() {
    return this.#text
  }

  /** Whether some of the text is still shown as it was written, because drawing it has to wait. */
  get isBusy() {
    return this.#later !== undefined || !this.#isWhole || this.#rows.some((row) => !row.isDrawn)
  }

  /** @param {string} text the whole text so far @param {{final?: boolean}} [options] */
  show(text, { final = true } = {}) {
    if (text === this.#text && final === this.#isFinal) return
    if (!text.startsWith(this.#text)) this.#taken = this.#links = 0
    this.#text = text
    this.#isFinal = final
    clearTimeout(this.#later)
    const wait = final ? 0 : this.#restUntil - performance.now()
    this.#later = wait > 0 ? setTimeout(() => this.#update(), wait) : undefined
    if (wait <= 0) this.#update()
  }

  #update() {
    this.#later = undefined
    const begun = performance.now()
    this.#split()
    this.#draw()
    const took = performance.now() - begun
    this.#restUntil = took > CHEAP ? begun + took / SHARE : 0
  }

  /** Takes the text apart, of a long one only the next piece; what is behind it is shown as it is written. */
  #split() {
    this.#taken = Math.min(this.#text.length, this.#taken + PIECE)
    const isAll = this.#taken === this.#text.length
    this.#arrange(this.#splitter.update(this.#text.slice(0, this.#taken), this.#isFinal && isAll))
    this.#relink()
    this.#showRest()
  }

  /** In pieces of the same size, so that taking the first away leaves the others as they are. */
  #showRest() {
    const wanted = []
    for (let from = this.#taken; from < this.#text.length; from += PIECE) wanted.push(...plain(this.#text.slice(from, from + PIECE)).children)
    for (const done of this.#rest.splice(0, this.#rest.length - wanted.length)) done.remove()
    this.#rest = morphAll(this.#rest, wanted, (element) => this.append(element))
    this.toggleAttribute("data-long", this.#rows.length > LONG || wanted.length > 0)
  }

  /** @param {Block[]} blocks */
  #arrange(blocks) {
    for (const { elements } of this.#rows.splice(blocks.length)) for (const element of elements) element.remove()
    blocks.forEach((block, at) => this.#place(block, at))
  }

  /** @param {Block} block @param {number} at */
  #place(block, at) {
    const row = this.#rows[at]
    if (!row) this.#rows.push({ block, elements: [], isDrawn: false })
    else if (!isSame(row.block, block)) Object.assign(row, { block, isDrawn: false })
  }

  /** A definition that came after its use. */
  #relink() {
    const labels = Object.keys(this.#splitter.links)
    if (labels.length === this.#links) return
    const added = labels.slice(this.#links).map((label) => `[${label}]`)
    this.#links = labels.length
    for (const row of this.#rows) if (added.some((label) => row.block.source.toLowerCase().includes(label))) row.isDrawn = false
  }

  /** The newest first: that is where one reads. What must wait is shown as it is written. */
  #draw() {
    const slice = new Slice()
    for (const [at, row] of [...this.#rows.entries()].reverse()) {
      if (row.isDrawn) continue
      if (this.#isWhole && !slice.isOver) this.#drawRow(row, at)
      else if (row.elements.length === 0) this.#put(row, at, plain(row.block.source))
    }
    if (!this.#isWhole || this.#rows.some((row) => !row.isDrawn)) this.#goOn()
  }

  get #isWhole() {
    return this.#taken === this.#text.length
  }

  async #goOn() {
    if (this.#isSlicing) return
    this.#isSlicing = true
    await nextSlice()
    this.#isSlicing = false
    if (!this.isConnected) return
    if (!this.#isWhole) this.#split()
    this.#draw()
  }

  /** @param {Row} row @param {number} at */
  #drawRow(row, at) {
    const { block } = row
    /** @type {Promise<unknown>[]} */
    const needs = []
    row.isDrawn = true
    this.#put(row, at, fragmentOf(block, { links: this.#splitter.links, level: block.level, isWhole: block.isWhole, needs }))
    if (needs.length > 0) Promise.all(needs).then(() => this.#redraw(row, block))
  }

  /** @param {Row} row @param {Block} block */
  #redraw(row, block) {
    if (row.block !== block) return
    row.isDrawn = false
    this.#goOn()
  }

  /** @param {Row} row @param {number} at @param {DocumentFragment} fragment */
  #put(row, at, fragment) {
    const next = this.#firstBehind(at)
    row.elements = morphAll(row.elements, [...fragment.children], (element) => this.insertBefore(element, next))
  }

  /** @param {number} at */
  #firstBehind(at) {
    for (let behind = at + 1; behind < this.#rows.length; behind++) if (this.#rows[behind].elements[0]) return this.#rows[behind].elements[0]
    return this.#rest[0] ?? null
  }

  /** @param {MouseEvent} event */
  async #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-copy-code]")
    const code = button?.closest(".code")?.querySelector("pre")
    if (!button || !code) return
    const isDone = await copyText(code.textContent ?? "")
    emit(this, "copied", { what: button.getAttribute("aria-label")?.replace(/^Copy /, ""), isDone })
    label(button, isDone ? "check" : "x", isDone ? "Copied" : "Not copied")
    setTimeout(() => label(button, "copy", "Copy"), COPIED_FOR)
  }
}

/** @param {Element} button @param {string} icon @param {string} words */
function label(button, icon, words) {
  setIcon(find(button, ".icon"), icon)
  setText(find(button, "span"), words)
}

/** @param {Block} block @param {import("lib/markdown.js").Drawing} drawing */
function fragmentOf({ source, type, isOpen }, drawing) {
  if (type === "plain") return plain(source)
  return isOpen ? unfinishedFormula(source) : renderBlock(source, drawing)
}

/** @param {Block} one @param {Block} other */
function isSame(one, other) {
  if (one === other) return true
  const alike = one.type === other.type && one.level === other.level && one.isWhole === other.isWhole && one.isOpen === other.isOpen
  return alike && one.source.trimEnd() === other.source.trimEnd()
}

customElements.define("answer-prose", AnswerProse)

// The first use compiles a hundred patterns: better before the first words are here.
const SAMPLE = "**a** `b` ~~c~~ <https://example.org>\n\n- d\n\n|e|\n|-|\n|f|"
whenIdle([() => blockTokens("a"), () => blockTokens(SAMPLE), () => renderBlock("a"), () => renderBlock(SAMPLE)])
