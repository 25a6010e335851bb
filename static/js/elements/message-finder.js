// Brings a message before the person's eyes: on whatever branch it is, and however far up.
// While it has `data-holds` it says where the view is, and not the place where the person stood before.

import { emit, find } from "lib/dom.js"

const LOOKS_AT_MOST = 500
const SHOWN_FOR = 2400

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */
/** @typedef {{conversation: Id, message: Id}} Sought */

class MessageFinder extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Sought | null} */
  #sought = soughtIn(location)
  /** @type {Session | null} */
  #session = null
  /** @type {import("models/conversation-writer.js").ConversationWriter | null} */
  #writer = null

  connectedCallback() {
    if (this.#sought) this.dataset.holds = ""
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("message.sought", ({ detail }) => this.#seek(detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {Sought} sought */
  #seek(sought) {
    this.#sought = sought
    this.dataset.holds = ""
    this.#begin()
  }

  /** @param {{session: Session, writer: import("models/conversation-writer.js").ConversationWriter}} opened */
  #follow({ session, writer }) {
    this.#session = session
    this.#writer = writer
    if (session.id !== this.#sought?.conversation) this.#giveUp()
    session.addEventListener("changed", () => this.#begin(), { signal: this.#leaving.signal })
  }

  // As soon as the conversation that it is in is there.
  #begin() {
    const [session, sought] = [this.#session, this.#sought]
    if (session?.state !== "ready" || !session.conversation || session.id !== sought?.conversation) return
    this.#sought = null
    this.#find(session, sought.message).catch(() => this.#miss())
  }

  /** @param {Session} session @param {Id} id */
  async #find(session, id) {
    await this.#readUpTo(session, id)
    if (!session.store.isShown(id)) await this.#writer?.choose(id)
    if (session !== this.#session) return
    emit(this, "turn.wanted", { id })
    this.#show(find(document, `chat-turn[data-message="${CSS.escape(id)}"]`))
  }

  // The thread reads upwards too, and only one page is read at a time: then it is looked again in a moment.
  /** @param {Session} session @param {Id} id */
  async #readUpTo(session, id) {
    for (let look = 0; look < LOOKS_AT_MOST && session.hasOlder && !session.store.get(id); look++) {
      if (!(await session.readOlder())) await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  }

  #giveUp() {
    this.#sought = null
    delete this.dataset.holds
  }

  #miss() {
    this.#giveUp()
    emit(this, "toast.shown", { text: "That message is not there any more.", tone: "warn" })
  }

  /** @param {HTMLElement} turn */
  #show(turn) {
    turn.setAttribute("tabindex", "-1")
    turn.focus({ preventScroll: true })
    turn.toggleAttribute("data-sought", true)
    setTimeout(() => this.#let(turn), SHOWN_FOR)
  }

  /** @param {HTMLElement} turn */
  #let(turn) {
    turn.removeAttribute("data-sought")
    if (!this.#sought) delete this.dataset.holds
  }
}

/** @param {Location} address "/c/{conversation}#message-{message}" @returns {Sought | null} */
function soughtIn({ pathname, hash }) {
  const [, conversation, message] = /^\/c\/([0-9a-f-]{36})#message-([0-9a-f-]{36})$/i.exec(pathname + hash) ?? []
  return message ? { conversation, message } : null
}

customElements.define("message-finder", MessageFinder)
