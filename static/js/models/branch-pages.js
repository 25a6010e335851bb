// Reads a branch in pages, newest first. What lies above a message is the same on every branch through it,
// so the cursor is kept by the topmost message that was read.

import { query } from "lib/api.js"

const PAGE = 50

export class BranchPages {
  /** @type {Map<Id, string | null>} null: nothing above */
  #above = new Map()
  /** The page above that is on its way, for all who want it. @type {Promise<boolean> | null} */
  #reading = null
  #api
  #store

  /** @param {import("lib/api.js").Api} api @param {import("models/conversation-store.js").ConversationStore} store */
  constructor(api, store) {
    this.#api = api
    this.#store = store
  }

  get hasOlder() {
    const top = this.#store.path()[0]
    return Boolean(top?.parent && this.#above.get(top.id))
  }

  /** @param {Id} conversation @param {string} branch "current" or a message @param {string | null} [before] @returns {Promise<Listing<Message>>} */
  read(conversation, branch, before) {
    return this.#api.get(`conversations/${conversation}/messages${query({ branch, before, limit: PAGE })}`)
  }

  /** The newest of the branch through a message, and so much above that it is there itself. @param {Id} conversation @param {Id} id */
  async readTo(conversation, id) {
    for (let before = /** @type {string | null} */ (null); ; ) {
      const page = await this.read(conversation, id, before)
      this.take(page)
      before = page.next
      if (!before || this.#store.get(id)) return
    }
  }

  /** @param {Listing<Message>} page */
  take(page) {
    for (const message of page.items) this.#store.put(message)
    const top = page.items.at(-1)
    if (top) this.#above.set(top.id, page.next)
  }

  /** @param {Id} conversation @returns {Promise<boolean>} whether older messages came */
  readOlder(conversation) {
    this.#reading ??= this.#readOlder(conversation).finally(() => (this.#reading = null))
    return this.#reading
  }

  /** @param {Id} conversation @returns {Promise<boolean>} */
  async #readOlder(conversation) {
    if (!this.hasOlder) return false
    const path = this.#store.path()
    const page = await this.read(conversation, newestKnownToServer(path), this.#above.get(path[0].id))
    this.take(page)
    return page.items.length > 0
  }

  /** @param {Id} id @returns {boolean} false: the branch has a hole above what is known */
  isWhole(id) {
    const top = this.#store.pathTo(id)[0]
    return Boolean(top && (!top.parent || this.#above.has(top.id)))
  }
}

/** @param {Message[]} path */
function newestKnownToServer(path) {
  return path.findLast((message) => !message.sending)?.id ?? "current"
}
