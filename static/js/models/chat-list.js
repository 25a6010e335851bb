// The conversations of the sidebar: pages from the server, facts from the socket, one order.

import { problemOf, query } from "lib/api.js"
import { isLive } from "models/status.js"

const PAGE = 50

export class ChatList extends EventTarget {
  /** @type {Map<Id, Conversation>} */
  #items = new Map()
  #api
  #search = ""
  #archived = false
  /** @type {string | null} */
  #next = null
  /** @type {AbortController | undefined} */
  #asking
  /** What was told while a page was read: it may be newer than the page. @type {Map<Id, Conversation>} */
  #told = new Map()
  /** @type {Problem | null} why the list could not be read */
  problem = null
  loading = false
  loaded = false

  /** @param {import("lib/api.js").Api} api */
  constructor(api) {
    super()
    this.#api = api
  }

  get archived() {
    return this.#archived
  }

  get search() {
    return this.#search
  }

  get hasMore() {
    return this.#next !== null
  }

  /** @returns {Conversation[]} newest activity first */
  items() {
    return [...this.#items.values()].sort((one, other) => compare(other.updated_at, one.updated_at) || compare(other.id, one.id))
  }

  /** @param {Id | null} id */
  get(id) {
    return id ? this.#items.get(id) : undefined
  }

  /** Show another selection. @param {{search?: string, archived?: boolean}} selection */
  async select({ search = this.#search, archived = this.#archived }) {
    if (search === this.#search && archived === this.#archived && this.loaded) return
    Object.assign(this, { loaded: false })
    this.#search = search
    this.#archived = archived
    await this.refresh()
  }

  /** Read the first page again; what is on screen stays until it is there. */
  async refresh() {
    await this.#ask(async (signal) => {
      const pages = await Promise.all([this.#pinned(signal), this.#page(null, signal)])
      this.#items = new Map(pages.flatMap((page) => page.items).map((item) => [item.id, item]))
      this.#next = pages[1].next
      for (const item of this.#told.values()) this.#keep(item)
    })
  }

  async more() {
    if (!this.#next || this.loading) return
    await this.#ask(async (signal) => {
      const page = await this.#page(this.#next, signal)
      for (const item of page.items) this.#items.set(item.id, item)
      this.#next = page.next
    })
  }

  /** A conversation was made or changed. @param {Conversation} item */
  put(item) {
    if (this.loading) this.#told.set(item.id, item)
    if (this.#keep(item)) this.#tell()
  }

  /** An answer began or ended somewhere. @param {Frame} frame @returns {boolean} false: the conversation is not in the list */
  hear({ type, conversation: id, message }) {
    const known = this.get(id ?? null)
    if (!known) return false
    if (type === "message.created") this.put({ ...known, running: known.running || isLive(message.status), updated_at: message.created_at })
    if (type === "completion.finished") this.put({ ...known, running: false })
    return true
  }

  /** @param {Id} id */
  remove(id) {
    if (this.#items.delete(id)) this.#tell()
  }

  /** @param {Conversation} item @returns {boolean} whether the list changed */
  #keep(item) {
    const known = this.#items.get(item.id)
    if (known && known.version > item.version) return false
    if (this.#belongs(item, known)) this.#items.set(item.id, item)
    else this.#items.delete(item.id)
    return true
  }

  /** @param {Conversation} item @param {Conversation | undefined} known */
  #belongs(item, known) {
    if (item.archived !== this.#archived) return false
    return Boolean(known) || !this.#search || item.title.toLowerCase().includes(this.#search.toLowerCase())
  }

  /** @param {(signal: AbortSignal) => Promise<void>} work */
  async #ask(work) {
    this.#asking?.abort()
    const { signal } = (this.#asking = new AbortController())
    this.loading = true
    this.problem = null
    this.#told.clear()
    this.#tell()
    try {
      await work(signal)
      this.loaded = true
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error)
    } finally {
      if (this.#asking.signal === signal) this.loading = false
      if (!signal.aborted) this.#tell()
    }
  }

  /** @param {AbortSignal} signal @returns {Promise<Listing<Conversation>>} */
  async #pinned(signal) {
    if (this.#archived || this.#search) return { items: [], next: null }
    return this.#api.get(`conversations${query({ pinned: true, archived: false, limit: 200 })}`, { signal })
  }

  /** @param {string | null} before @param {AbortSignal} signal @returns {Promise<Listing<Conversation>>} */
  #page(before, signal) {
    return this.#api.get(`conversations${query({ q: this.#search, archived: this.#archived, limit: PAGE, before })}`, { signal })
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

/** @param {string} one @param {string} other */
function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0
}
