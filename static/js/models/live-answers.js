// The text of answers that are being written: pieces come over the socket, and what is missing is asked for there.

import { LiveWatch } from "models/live-watch.js"

export class LiveAnswers {
  #store
  #socket
  #watch
  #missed

  /**
   * @param {import("models/conversation-store.js").ConversationStore} store
   * @param {{socket: import("lib/socket.js").LiveSocket, missed: () => void, now?: () => number}} edges missed: a piece shows that a row is missing
   */
  constructor(store, { socket, missed, now }) {
    this.#store = store
    this.#socket = socket
    this.#missed = missed
    this.#watch = new LiveWatch({ ask: (answer) => this.#ask(answer), giveUp: () => socket.renew(), now })
  }

  /** @param {Frame} frame @returns {boolean} whether a text on this page is longer now */
  grow({ message: id, offset = 0, text = "" }) {
    const growth = this.#store.grow(id, offset, text)
    if (growth === "unknown" || growth === "other") this.#missed()
    if (growth === "unknown") return false
    this.#watch.heard(id)
    if (growth === "gap" || growth === "other") this.#watch.missing(id)
    return growth === "grown"
  }

  /** Ask for the rest of every text now. */
  sync() {
    for (const { id } of this.#store.live()) this.#watch.question(id)
  }

  /** Call it about once a second. */
  tick() {
    if (this.#socket.isOpen) this.#watch.tick(this.#store.live().map(({ id }) => id))
  }

  /** @param {Id} id of an answer */
  #ask(id) {
    this.#socket.send({ type: "completion.sync", message: id, offset: this.#store.wantedFrom(id) })
  }
}
