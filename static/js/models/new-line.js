// Where the messages begin that the person has not seen: a line above the first, and how many there are.

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */

export class NewLine extends EventTarget {
  #session
  /** What comes after this position is new. @type {number | null} */
  #after = null
  #isKnown = false
  /** Whether the end of the conversation is before the person's eyes. */
  #isWatched = false
  #wasSeen = false
  /** What is new on screen; null: not looked for since something changed. @type {Message[] | null} */
  #found = null

  /** @param {Session} session */
  constructor(session) {
    super()
    this.#session = session
    session.addEventListener("changed", () => this.#changed())
    session.addEventListener("arrived", (event) => this.#arrived(/** @type {CustomEvent} */ (event).detail.message))
  }

  /** @returns {Message | undefined} the first new message on screen */
  get first() {
    return this.#new()[0]
  }

  /** @returns {number} how many are new, as far as they were read */
  get count() {
    return this.#new().length
  }

  /** Whether the person has to be told where the new ones begin. */
  get isWanted() {
    return !this.#wasSeen && this.count > 0
  }

  /** Whether the line stands above what was read of the conversation. */
  get isAbove() {
    if (this.#after === null || !this.#session.hasOlder) return false
    return (this.#session.turns()[0]?.position ?? 0) > this.#after
  }

  /** The line has been on screen. */
  seen() {
    if (this.#wasSeen || this.#after === null) return
    this.#wasSeen = true
    this.#tell()
  }

  /** @param {boolean} isWatched whether the end of the conversation is before the person's eyes */
  watch(isWatched) {
    this.#isWatched = isWatched
  }

  /** Who answers has read what is there. */
  clear() {
    if (this.#after === null) return
    this.#after = null
    this.#tell()
  }

  #changed() {
    this.#found = null
    this.#know()
  }

  #know() {
    const { conversation, state } = this.#session
    if (this.#isKnown || state !== "ready" || !conversation) return
    this.#isKnown = true
    if (conversation.unread > 0) this.#begin(conversation.read_position)
  }

  // Who asks for an answer is waiting for it: it is no news to them.
  /** @param {Message} message */
  #arrived(message) {
    const isOver = this.#after === null || this.#wasSeen
    if (isOver && !this.#isWatched && !this.#session.team.caused(message)) this.#begin((message.position ?? 1) - 1)
  }

  /** @param {number} after */
  #begin(after) {
    this.#after = after
    this.#wasSeen = false
    this.#tell()
  }

  // Asked for in every frame of scrolling.
  #new() {
    const after = this.#after
    if (after === null) return []
    this.#found ??= this.#session.turns().filter((message) => (message.position ?? 0) > after && this.#isOthers(message))
    return this.#found
  }

  /** @param {Message} message */
  #isOthers(message) {
    return !message.sending && !message.deleted_at && !this.#session.team.wrote(message)
  }

  #tell() {
    this.#found = null
    this.dispatchEvent(new CustomEvent("changed"))
  }
}
