// Tells a screen reader how the person's own answer goes: its start, now and then its progress, its end, then the whole of it.
// Of what others say and ask it tells a few words. The transcript itself is not live: nobody wants to hear it word by word.

import { find, setText } from "lib/dom.js"
import { endOf, inShort, isAwaited, newsOf } from "models/spoken.js"

const PROGRESS_EVERY = 7000
const NEWS_EVERY = 3000
const BETWEEN = 400
const LONGEST = 4000

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */

class StatusLine extends HTMLElement {
  #leaving = new AbortController()
  #following = new AbortController()
  /** @type {Session | null} */
  #session = null
  #toldAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later
  /** What others did and was not told yet. @type {string[]} */
  #news = []
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #newsLater

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("answer.grew", ({ detail }) => this.#progress(detail), { signal })
    document.addEventListener("copied", ({ detail }) => this.#tell(detail.isDone ? `Copied: ${detail.what}.` : "Copying was not possible."), { signal })
    document.addEventListener("status.said", ({ detail }) => this.#tell(detail.text), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#forget()
    clearTimeout(this.#later)
  }

  /** @param {Session} session */
  #follow(session) {
    this.#forget()
    const { signal } = (this.#following = new AbortController())
    this.#session = session
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ work) => session.addEventListener(type, (event) => work(/** @type {CustomEvent} */ (event).detail), { signal })
    on("started", ({ id }) => isAwaited(session, id) && this.#tell("Gemini is answering."))
    on("finished", ({ id }) => this.#end(session, id))
    on("arrived", ({ message }) => message.role === "user" && this.#hear(newsOf(session, message)))
  }

  #forget() {
    this.#following.abort()
    this.#news = []
    clearTimeout(this.#newsLater)
    this.#newsLater = undefined
  }

  /** @param {string} words */
  #tell(words) {
    this.#toldAt = Date.now()
    setText(find(this, "[data-progress]"), words)
  }

  /** @param {{id: Id, text: string}} grown */
  #progress({ id, text }) {
    if (Date.now() - this.#toldAt < PROGRESS_EVERY || !this.#session || !isAwaited(this.#session, id)) return
    this.#tell(`Still answering, ${text.split(/\s+/).length} words so far.`)
  }

  /** @param {Session} session @param {Id} id */
  #end(session, id) {
    const answer = session.store.get(id)
    if (!isAwaited(session, id)) return answer && this.#hear(newsOf(session, answer))
    const { words, text } = endOf(session, id)
    this.#tell(words)
    clearTimeout(this.#later)
    this.#later = setTimeout(() => setText(find(this, "[data-whole]"), text.slice(0, LONGEST)), BETWEEN)
  }

  // Where many talk, nobody is read a sentence for everything: what comes in between is put together.
  /** @param {string} words */
  #hear(words) {
    if (!words) return
    this.#news.push(words)
    this.#newsLater ??= setTimeout(() => this.#tellNews(), Math.max(0, this.#toldAt + NEWS_EVERY - Date.now()))
  }

  #tellNews() {
    this.#newsLater = undefined
    this.#tell(inShort(this.#news.splice(0)))
  }
}

customElements.define("status-line", StatusLine)
