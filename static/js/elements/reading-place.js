// Where the person is in a conversation: what they have seen, where they stand, and how to get to what is new.

import { emit, find, firstBelow, setIcon, setText } from "lib/dom.js"

const END = 60
const TOLERANCE = 24
const PAGES_AT_MOST = 20

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */

class ReadingPlace extends HTMLElement {
  #leaving = new AbortController()
  /** @type {AbortController | undefined} */
  #following
  /** @type {DocumentEventMap["session.changed"]["detail"] | null} */
  #opened = null
  #frame = 0
  /** Until the person stands where they stood, nothing is told of where they are. */
  #isPlaced = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("chat.asked", () => this.#opened?.line.clear(), { signal })
    document.addEventListener("visibilitychange", () => this.#soon(), { signal })
    this.#scroller.addEventListener("scroll", () => this.#soon(), { signal, passive: true })
    find(this, "button").addEventListener("click", () => this.#toNew(), { signal })
    const observer = new ResizeObserver(() => this.#soon())
    observer.observe(find(document, "chat-thread"))
    signal.addEventListener("abort", () => observer.disconnect())
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#following?.abort()
  }

  /** @returns {HTMLElement} */
  get #scroller() {
    return find(document, "scroll-view [data-scroller]")
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  #follow(opened) {
    this.#following?.abort()
    const { signal } = (this.#following = new AbortController())
    this.#opened = opened
    this.#isPlaced = false
    opened.session.addEventListener("changed", () => this.#changed(opened), { signal })
    opened.line.addEventListener("changed", () => this.#soon(), { signal })
    this.#changed(opened)
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  async #changed(opened) {
    if (!this.#isPlaced && opened.session.state === "ready") await this.#restore(opened)
    this.#soon()
  }

  // Whoever has something new begins at the end; who was reading further up goes on there.
  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  async #restore(opened) {
    const { session } = opened
    const { place, unread } = session.conversation ?? {}
    this.#isPlaced = !place || Boolean(unread) || Boolean(document.querySelector("message-finder[data-holds]"))
    if (this.#isPlaced || !place) return
    await readUntil(session, () => session.store.isShown(place))
    if (this.#isPlaced || opened !== this.#opened) return
    this.#isPlaced = true
    if (session.store.isShown(place)) emit(this, "turn.wanted", { id: place })
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => this.#look())
  }

  #look() {
    this.#frame = 0
    if (!this.#opened || !this.#isPlaced) return
    const { line } = this.#opened
    const isVisible = document.visibilityState === "visible"
    line.watch(isVisible && this.#isAtEnd)
    if (isVisible) this.#tell(this.#opened)
    this.#showJump()
  }

  get #isAtEnd() {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller
    return scrollHeight - clientHeight - scrollTop <= END
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  #tell({ session, own }) {
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("chat-turn")])
    const messages = rows.map((row) => session.store.get(row.dataset.message ?? ""))
    const seen = messages.slice(0, firstBelow(rows, bottom + TOLERANCE)).findLast((message) => message?.position)
    if (seen) own.read(seen)
    const first = messages[firstBelow(rows, top + TOLERANCE)]
    if (this.#isAtEnd || first?.position) own.stand(this.#isAtEnd ? null : (first?.id ?? null))
  }

  #showJump() {
    const { session, line } = /** @type {DocumentEventMap["session.changed"]["detail"]} */ (this.#opened)
    const way = line.isAbove ? "up" : this.#wayTo(document.querySelector(".new-line"))
    if (way === "here") line.seen()
    this.hidden = !line.isWanted || way === "here"
    if (this.hidden) return
    const count = line.isAbove ? Math.max(line.count, session.conversation?.unread ?? 0) : line.count
    this.dataset.way = way
    setIcon(find(this, ".icon"), `arrow-${way}`)
    setText(find(this, "[data-words]"), `${count} new`)
  }

  /** @param {Element | null} line @returns {"up" | "down" | "here"} */
  #wayTo(line) {
    if (!line) return "up"
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    const at = line.getBoundingClientRect()
    if (at.bottom < top) return "up"
    return at.top > bottom - TOLERANCE ? "down" : "here"
  }

  async #toNew() {
    const { session, line } = /** @type {DocumentEventMap["session.changed"]["detail"]} */ (this.#opened)
    await readUntil(session, () => !line.isAbove)
    if (line.first) emit(this, "turn.wanted", { id: line.first.id })
  }
}

/** @param {Session} session @param {() => boolean} isEnough */
async function readUntil(session, isEnough) {
  for (let page = 0; page < PAGES_AT_MOST && !isEnough() && (await session.readOlder().catch(() => false)); page++);
}

customElements.define("reading-place", ReadingPlace)
