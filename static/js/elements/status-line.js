// Tells a screen reader how an answer goes: its start, now and then its progress, its end, then the whole of it.
// The transcript itself is not live: nobody wants to hear an answer word by word.

import { find, setText } from "lib/dom.js"

const PROGRESS_EVERY = 7000
const BETWEEN = 400
const LONGEST = 4000

class StatusLine extends HTMLElement {
  #leaving = new AbortController()
  #toldAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("answer.started", () => this.#tell("Gemini is answering."), { signal })
    document.addEventListener("answer.grew", ({ detail }) => this.#progress(detail.text), { signal })
    document.addEventListener("answer.finished", ({ detail }) => this.#end(detail), { signal })
    document.addEventListener("copied", ({ detail }) => this.#tell(detail.isDone ? `Copied: ${detail.what}.` : "Copying was not possible."), { signal })
    document.addEventListener("status.said", ({ detail }) => this.#tell(detail.text), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#later)
  }

  /** @param {string} words */
  #tell(words) {
    this.#toldAt = Date.now()
    setText(find(this, "[data-progress]"), words)
  }

  /** @param {string} text */
  #progress(text) {
    if (Date.now() - this.#toldAt >= PROGRESS_EVERY) this.#tell(`Still answering, ${text.split(/\s+/).length} words so far.`)
  }

  /** @param {{words: string, text: string}} end */
  #end({ words, text }) {
    this.#tell(words)
    clearTimeout(this.#later)
    this.#later = setTimeout(() => setText(find(this, "[data-whole]"), text.slice(0, LONGEST)), BETWEEN)
  }
}

customElements.define("status-line", StatusLine)
