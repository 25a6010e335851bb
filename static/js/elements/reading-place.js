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
  /** The way back to where the person stood, once for a conversation. @type {Promise<void> | null} */
  #restoring = null
  /** Until the person stands where they stood, nothing is told of where they are. */
  #isPlaced = false
  /** Whether that place could not be reached: then it is kept as it is. */
  #isLost = false
  /** The newest position that was heard of, on whatever branch. */
  #newest = 0

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("chat.asked", () => this.#asked(), { signal })
    document.addEventListener("visibilitychange", () => this.#turned(), { signal })
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
    this.#restoring = null
    this.#isPlaced = this.#isLost = false
    this.#newest = 0
    opened.session.addEventListener("changed", () => this.#changed(opened), { signal })
    opened.session.addEventListener("arrived", (event) => this.#arrived(/** @type {CustomEvent} */ (event).detail.message), { signal })
    opened.line.addEventListener("changed", () => this.#soon(), { signal })
    this.#changed(opened)
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  async #changed(opened) {
    if (opened.session.state === "ready") await (this.#restoring ??= this.#restore(opened))
    this.#soon()
  }

  /** @param {Message} message */
  #arrived({ position = 0 }) {
    this.#newest = Math.max(this.#newest, position)
  }

  // Whoever says something is at the end, and wants to be there.
  #asked() {
    this.#opened?.line.clear()
    if (this.#restoring) this.#isPlaced = true
  }

  // At once: a tab that nobody looks at draws no frames.
  #turned() {
    if (this.#isPlaced) this.#watch()
    this.#soon()
  }

  #watch() {
    this.#opened?.line.watch(isLookedAt() && this.#view.isAtEnd)
  }

  // Whoever has something new begins at the end; who was reading further up goes on there.
  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  async #restore(opened) {
    const { session } = opened
    const { place, unread } = session.conversation ?? {}
    if (place && !unread && !isSeeking()) await readUntil(session, () => this.#isPlaced || session.store.isShown(place))
    if (this.#isPlaced || opened !== this.#opened) return
    this.#isPlaced = true
    if (!place || unread || isSeeking()) return
    if (session.store.isShown(place)) emit(this, "turn.wanted", { id: place })
    else this.#isLost = session.hasOlder
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => this.#look())
  }

  #look() {
    this.#frame = 0
    if (!this.#opened || !this.#isPlaced) return
    this.#watch()
    if (isLookedAt()) this.#tell(this.#opened)
    this.#showJump()
  }

  /** @returns {any} the <scroll-view> */
  get #view() {
    return find(document, "scroll-view")
  }

  get #isAtEnd() {
    const { scrollHeight, clientHeight, scrollTop } = this.#scroller
    return this.#view.isAtEnd || scrollHeight - clientHeight - scrollTop <= END
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  #tell({ session, own }) {
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("chat-turn")])
    const inRow = (/** @type {HTMLElement | undefined} */ row) => session.store.get(row?.dataset.message ?? "")
    const last = rows.slice(0, firstBelow(rows, bottom + TOLERANCE)).findLast((row) => inRow(row)?.position)
    const seen = inRow(last)
    if (seen) own.read(last === rows.at(-1) ? { ...seen, position: Math.max(seen.position ?? 0, this.#newestOf(session)) } : seen)
    const first = inRow(rows[firstBelow(rows, top + TOLERANCE)])
    if (!this.#isLost && (this.#isAtEnd || first?.position)) own.stand(this.#isAtEnd ? null : (first?.id ?? null))
  }

  // Whoever has read their branch to its end has read the conversation: what is on others is never shown to them.
  /** @param {Session} session */
  #newestOf({ conversation, store }) {
    const isMore = conversation?.unread && store.version >= conversation.version
    return Math.max(this.#newest, isMore ? conversation.version : 0)
  }

  #showJump() {
    const { session, line } = /** @type {DocumentEventMap["session.changed"]["detail"]} */ (this.#opened)
    const isAbove = line.isWanted && line.isAbove
    const way = isAbove ? "up" : this.#wayTo(line.isWanted ? document.querySelector(".new-line") : null)
    if (way === "here") line.seen()
    this.hidden = !line.isWanted || way === "here"
    if (this.hidden) return
    const count = isAbove ? Math.max(line.count, session.conversation?.unread ?? 0) : line.count
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

function isLookedAt() {
  return document.visibilityState === "visible"
}

// Somebody wants to see one message: that goes before where they stood.
function isSeeking() {
  return Boolean(document.querySelector("message-finder[data-holds]"))
}

customElements.define("reading-place", ReadingPlace)
