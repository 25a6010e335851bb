// One conversation as the page knows it: a tree of messages, which branch is shown, and up to which version it is complete.
// Knows neither the network nor the DOM. Rows and events may come late, twice, out of order or not at all.

import { isLive } from "models/status.js"

/** What a piece of text did: it fitted, was known already, left a hole before it, or belongs to no message here. */
/** @typedef {"grown" | "known" | "gap" | "unknown"} Growth */

const ROOT = "root"

export class ConversationStore {
  /** @type {Map<Id, Message>} */
  #messages = new Map()
  /** @type {Map<Id, Id[]>} children by parent, in their order */
  #families = new Map()

  /** The newest message of the branch on screen. @type {Id | null} */
  head = null

  /** Every change up to this version is here. */
  version = 0

  /** @param {Id} id @returns {Message | undefined} */
  get(id) {
    return this.#messages.get(id)
  }

  get size() {
    return this.#messages.size
  }

  /**
   * Take a message in, unless what is here is newer. A row read while the answer is written may be shorter than what the
   * socket brought already: the longer text stays.
   * @param {Message} message @returns {boolean} whether anything changed
   */
  put(message) {
    const known = this.#messages.get(message.id)
    if (known && isOlder(message, known)) return false
    this.#messages.set(message.id, known ? merged(message, known) : message)
    this.#rememberFamily(message)
    return true
  }

  /** Change fields that only the page knows. @param {Id} id @param {Partial<Message>} fields */
  patch(id, fields) {
    const known = this.#messages.get(id)
    if (known) this.#messages.set(id, { ...known, ...fields })
  }

  /** Forget a message that the server never had. @param {Id} id */
  drop(id) {
    const message = this.#messages.get(id)
    if (!message) return
    this.#messages.delete(id)
    const family = this.#family(message.parent).filter((sibling) => sibling !== id)
    this.#families.set(message.parent ?? ROOT, family)
    if (this.head === id) this.head = family.length ? this.leafOf(family[family.length - 1]) : message.parent
  }

  /**
   * Add a piece of an answer. Positions count UTF-16 units, like `length`.
   * @param {Id} id @param {number} offset @param {string} text @returns {Growth}
   */
  grow(id, offset, text) {
    const message = this.#messages.get(id)
    if (!message) return "unknown"
    if (!isLive(message.status)) return "known"
    const have = message.content.length
    if (offset > have) return "gap"
    if (offset + text.length <= have) return "known"
    this.#messages.set(id, { ...message, status: "streaming", content: message.content + text.slice(have - offset) })
    return "grown"
  }

  /**
   * Note the version of an event. @param {number} version
   * @returns {boolean} false: something before it was missed and must be asked for
   */
  advance(version) {
    if (version > this.version + 1) return false
    this.version = Math.max(this.version, version)
    return true
  }

  /** @returns {Message[]} the branch on screen, oldest known first */
  path() {
    return this.head ? this.pathTo(this.head) : []
  }

  /** @param {Id} id @returns {Message[]} what leads to a message, oldest known first, itself last */
  pathTo(id) {
    const path = []
    for (let at = this.#messages.get(id); at; at = at.parent ? this.#messages.get(at.parent) : undefined) path.push(at)
    return path.reverse()
  }

  /** @param {Id} id @returns {boolean} whether the message is on the branch on screen */
  isShown(id) {
    return this.path().some((message) => message.id === id)
  }

  /** @param {Id} id @returns {Id} the newest message below it that is known */
  leafOf(id) {
    for (let at = id; ; ) {
      const below = this.#family(at).filter((child) => this.#messages.has(child))
      if (!below.length) return at
      at = below[below.length - 1]
    }
  }

  /** @param {Id} id @returns {Id[]} all versions of this turn in order, itself included */
  versions(id) {
    const message = this.#messages.get(id)
    return message ? this.#family(message.parent) : []
  }

  /** Answers that are being written, wherever they are in the tree. @returns {Message[]} */
  live() {
    return [...this.#messages.values()].filter((message) => message.role === "assistant" && isLive(message.status) && !message.sending)
  }

  /** @param {Id | null} parent @returns {Id[]} */
  #family(parent) {
    return this.#families.get(parent ?? ROOT) ?? []
  }

  // Versions are only ever added (a deleted message stays as a tombstone), so the longer list knows more.
  /** @param {Message} message */
  #rememberFamily({ id, parent, siblings = [] }) {
    const known = this.#family(parent)
    const longer = siblings.length >= known.length ? siblings : known
    this.#families.set(parent ?? ROOT, [...new Set([...longer, ...known, id])])
  }
}

/** @param {Message} message @param {Message} known */
function isOlder(message, known) {
  if (known.sending) return false
  if (message.version !== known.version) return message.version < known.version
  return isLive(message.status) && !isLive(known.status)
}

/** @param {Message} message @param {Message} known @returns {Message} */
function merged(message, known) {
  const keepsText = isLive(message.status) && known.content.length > message.content.length
  return keepsText ? { ...message, status: known.status, content: known.content } : message
}
