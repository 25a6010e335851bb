// What is one person's own about a conversation: what they have read, where they stand, what they have begun to write.
// The server keeps it for their other devices. It is told after a pause, and once more when they leave.

const AFTER = { read: 1000, draft: 1500, place: 2000 }
const LONGEST_DRAFT = 100_000

/** @typedef {{read?: Id, draft?: string, place?: Id | null}} Own */

/** Tells "kept" {fields} when the server has it. */
export class OwnPlace extends EventTarget {
  #session
  #api
  #later
  #now
  /** @type {Own} */
  #pending = {}
  /** What is on its way to the server. @type {Own} */
  #leaving = {}
  /** One after the other: what is told last is what the server keeps. @type {Promise<void>} */
  #line = Promise.resolve()
  /** @type {{due: number, stop: () => void} | null} */
  #timer = null
  #readUpTo = 0
  /** @type {Id | null | undefined} undefined: not known */
  #place

  /**
   * @param {import("models/conversation-session.js").ConversationSession} session
   * @param {{api: import("lib/api.js").Api, later?: (work: () => void, ms: number) => () => void, now?: () => number}} edges later: gives back how to stop it
   */
  constructor(session, { api, later = wait, now = Date.now }) {
    super()
    this.#session = session
    this.#api = api
    this.#later = later
    this.#now = now
  }

  /** Everything up to this message was on screen. @param {Message} message */
  read({ id, position = 0, sending }) {
    if (sending || position <= Math.max(this.#readUpTo, this.#session.conversation?.read_position ?? Infinity)) return
    this.#readUpTo = position
    this.#keep({ read: id })
  }

  /** @param {Id | null} id the message at the top of the screen; null: the end of the conversation is on screen */
  stand(id) {
    if (!this.#session.conversation || id === (this.#place === undefined ? this.#session.conversation.place : this.#place)) return
    this.#place = id
    this.#keep({ place: id })
  }

  /** @param {string} text */
  write(text) {
    if (this.#session.conversation) this.#keep({ draft: text.slice(0, LONGEST_DRAFT) })
  }

  /** Whether the server may not know this person's draft yet: what it says of it is older. */
  get tellsDraft() {
    return "draft" in this.#pending || "draft" in this.#leaving
  }

  /** Tell it now. @param {boolean} [keepalive] although the page is going away: then it waits for nothing, and says again what is on its way */
  async flush(keepalive = false) {
    this.#stopTimer()
    if (keepalive) return this.#tell({ ...this.#leaving, ...this.#takePending() }, true)
    this.#line = this.#line.then(() => this.#tell(this.#takePending(), false))
    return this.#line
  }

  /** There is nobody to tell any more. */
  drop() {
    this.#stopTimer()
    this.#pending = {}
  }

  #stopTimer() {
    this.#timer?.stop()
    this.#timer = null
  }

  #takePending() {
    const fields = this.#pending
    this.#pending = {}
    return fields
  }

  /** @param {Own} fields */
  #keep(fields) {
    Object.assign(this.#pending, fields)
    const due = this.#now() + Math.min(...Object.keys(fields).map((name) => AFTER[/** @type {keyof Own} */ (name)]))
    const isTyping = "draft" in fields && Object.keys(this.#pending).length === 1
    if (this.#timer && this.#timer.due <= due && !isTyping) return
    this.#stopTimer()
    this.#timer = { due, stop: this.#later(() => this.flush(), due - this.#now()) }
  }

  // What could not be told is told with the next, unless that is newer.
  /** @param {Own} fields @param {boolean} keepalive */
  async #tell(fields, keepalive) {
    if (!Object.keys(fields).length) return
    this.#leaving = fields
    try {
      const conversation = await this.#api.patch(`conversations/${this.#session.id}`, fields, { keepalive, tries: 1 })
      this.dispatchEvent(new CustomEvent("kept", { detail: { fields } }))
      this.#session.takeConversation(conversation)
    } catch {
      this.#pending = { ...fields, ...this.#pending }
    } finally {
      if (this.#leaving === fields) this.#leaving = {}
    }
  }
}

/** @param {() => void} work @param {number} ms */
function wait(work, ms) {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}
