// One conversation as the page knows it: a tree of messages, which branch is shown, and up to which version it is complete.
// Knows neither the network nor the DOM. Rows and events may come late, twice, out of order or not at all.

import { EarlyPieces } from "models/early-pieces.js"
import { isLive } from "models/status.js"

/** What a piece of text did: it fitted, was known already, left a hole before it, contradicts what is here, or belongs to no message here. */
/** @typedef {"grown" | "known" | "gap" | "other" | "unknown"} Growth */

const ROOT = "root"

export class ConversationStore {
  /** @type {Map<Id, Message>} */
  #messages = new Map()
  /** @type {Map<Id, Id[]>} children by parent, in their order */
  #families = new Map()
  /** Answers that another one goes on from and stands in for. @type {Map<Id, Id>} */
  #continued = new Map()
  #early = new EarlyPieces()
  /** Answers whose text is not the one that is being written: it is wanted anew. @type {Set<Id>} */
  #doubted = new Set()

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
   * socket brought already: the longer text stays. A running answer with a newer version was begun again: it is taken as it is.
   * @param {Message} message @returns {boolean} whether anything changed
   */
  put(message) {
    const known = this.#messages.get(message.id)
    if (known && isOlder(message, known)) return false
    if (known && isBegunAgain(message, known)) this.#early.distrust(message.id)
    if (!isLive(message.status)) this.#early.forget(message.id)
    if (known && message.version > known.version) this.#doubted.delete(message.id)
    this.#messages.set(message.id, known ? merged(message, known) : message)
    if (message.trailing) return true
    if (message.completion?.continues) this.#continued.set(message.completion.continues, message.id)
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
    if (message.trailing) return
    const continues = message.completion?.continues
    if (continues && this.#continued.get(continues) === id) this.#continued.delete(continues)
    this.#families.set(message.parent ?? ROOT, this.#children(message.parent).filter((sibling) => sibling !== id))
    const family = this.#family(message.parent)
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
    const content = offset === 0 && this.#doubted.delete(id) ? "" : message.content
    if (offset > content.length) return this.#early.keep(id, offset, text)
    if (!text.startsWith(content.slice(offset, offset + text.length))) return this.#doubt(id)
    if (offset + text.length <= content.length && content === message.content) return "known"
    this.#messages.set(id, { ...message, status: "streaming", content: this.#early.filled(id, content + text.slice(content.length - offset)) })
    return "grown"
  }

  /** @param {Id} id @returns {number} from where on the text of an answer is wanted */
  wantedFrom(id) {
    return this.#doubted.has(id) ? 0 : (this.#messages.get(id)?.content.length ?? 0)
  }

  /** @param {Id} id @returns {"other"} */
  #doubt(id) {
    this.#early.distrust(id)
    this.#doubted.add(id)
    return "other"
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

  /** @param {Id} id @returns {Id} itself, or the answer that goes on from it and stands in its place */
  instead(id) {
    return this.#isReplaced(id) ? this.instead(/** @type {Id} */ (this.#continued.get(id))) : id
  }

  /** @returns {Message[]} the branch on screen, oldest known first */
  path() {
    return this.head ? this.pathTo(this.head) : []
  }

  /** What is on its way to the end of the branch on screen; where that is, the server says when it has it. @returns {Message[]} in the order of sending */
  trail() {
    const rows = [...this.#messages.values()].filter(({ trailing }) => trailing)
    return rows.filter(({ parent }) => parent === null || this.isShown(parent))
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

  /** @param {Id} id @returns {boolean} whether the model was asked about this message */
  hasAnswer(id) {
    return this.#children(id).some((child) => this.#messages.get(child)?.role === "assistant")
  }

  /** Answers that are being written, wherever they are in the tree. @returns {Message[]} */
  live() {
    return [...this.#messages.values()].filter((message) => message.role === "assistant" && isLive(message.status) && !message.sending)
  }

  /** The versions that can be shown. @param {Id | null} parent @returns {Id[]} */
  #family(parent) {
    return this.#children(parent).filter((id) => !this.#isReplaced(id))
  }

  // An answer that was gone on from counts only if somebody replied below it.
  /** @param {Id} id */
  #isReplaced(id) {
    const next = this.#messages.get(this.#continued.get(id) ?? "")
    return Boolean(next) && !next?.siblings.includes(id) && !this.#children(id).length
  }

  /** @param {Id | null} parent @returns {Id[]} */
  #children(parent) {
    return this.#families.get(parent ?? ROOT) ?? []
  }

  // Versions are only ever added (a deleted message stays as a tombstone), so the longer list knows more.
  /** @param {Message} message */
  #rememberFamily({ id, parent, siblings = [] }) {
    const known = this.#children(parent)
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

// What is written raises no version: a running answer with a newer one starts afresh.
/** @param {Message} message @param {Message} known */
function isBegunAgain(message, known) {
  return isLive(message.status) && !known.sending && message.version > known.version
}

/** @param {Message} message @param {Message} known @returns {Message} */
function merged(message, known) {
  const keepsText = isLive(message.status) && !isBegunAgain(message, known) && known.content.length > message.content.length
  return keepsText ? { ...message, status: known.status, content: known.content } : message
}
