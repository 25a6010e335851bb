// The conversations of the sidebar: pages from the server, facts from the socket, one order.

import { problemOf, query } from "lib/api.js"
import { isLive } from "models/status.js"
import { UnreadChats } from "models/unread.js"

const PAGE = 50

/** What the list shows: one's own and others' together, one of them, or what was put away. @typedef {"all" | "mine" | "shared" | "archived"} Filter */

export class ChatList extends EventTarget {
  /** @type {Map<Id, Conversation>} */
  #items = new Map()
  #api
  #me
  #search = ""
  /** @type {Filter} */
  #filter = "all"
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
  unread = new UnreadChats()

  /** @param {import("lib/api.js").Api} api @param {Id} [me] whose list it is */
  constructor(api, me) {
    super()
    this.#api = api
    this.#me = me
  }

  get filter() {
    return this.#filter
  }

  /** Before anything is read; afterwards `select` it. */
  set filter(filter) {
    this.#filter = filter
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

  /** Show another selection; what does not belong to it goes at once. @param {{search?: string, filter?: Filter}} selection */
  async select({ search = this.#search, filter = this.#filter }) {
    if (search === this.#search && filter === this.#filter && this.loaded) return
    this.loaded = false
    this.#search = search
    this.#filter = filter
    for (const item of this.#items.values()) if (!isAmong(item, filter)) this.#items.delete(item.id)
    await this.refresh()
  }

  /** Read the first page again; what is on screen stays until it is there. */
  async refresh() {
    await this.#ask(async (signal) => {
      const pages = await Promise.all([this.#pinned(signal), this.#page(null, signal)])
      this.#items = new Map(pages.flatMap((page) => page.items).map((item) => [item.id, item]))
      this.#next = pages[1].next
      this.#countUnread(...pages)
      for (const item of this.#told.values()) this.#keep(item)
    })
  }

  /** @param {Listing<Conversation>} pinned @param {Listing<Conversation>} newest */
  #countUnread(pinned, newest) {
    if (this.#filter === "all" && !this.#search) this.unread.seeNewest(newest.items, !newest.next)
    for (const item of [...pinned.items, ...newest.items]) this.unread.see(item)
  }

  async more() {
    if (!this.#next || this.loading) return
    await this.#ask(async (signal) => {
      const page = await this.#page(this.#next, signal)
      for (const item of page.items) this.#add(item)
      this.#next = page.next
    })
  }

  /** A conversation was made or changed. @param {Conversation} item */
  put(item) {
    if (this.loading) this.#told.set(item.id, item)
    if (this.#keep(item)) this.#tell()
  }

  /** Somebody or the model said something somewhere, or an answer ended. @param {Frame} frame @returns {boolean} false: the conversation is not in the list */
  hear({ type, conversation: id, message, version = 0 }) {
    const known = this.get(id ?? null)
    if (!known) return false
    const newest = { ...known, version: Math.max(known.version, version) }
    if (type === "message.created") this.put({ ...newest, ...this.#after(message, known, version) })
    if (type === "completion.finished") this.put({ ...newest, running: false })
    return true
  }

  /** @param {Id} id */
  remove(id) {
    this.unread.forget(id)
    this.#items.delete(id)
    this.#tell()
  }

  // What the conversation's own news counted already is not counted twice.
  /** @param {Message} message @param {Conversation} known @param {number} version of the conversation, with the message */
  #after(message, known, version) {
    const isNew = version > known.version && message.author?.id !== this.#me
    return { running: known.running || isLive(message.status), updated_at: message.created_at, unread: known.unread + (isNew ? 1 : 0) }
  }

  /** @param {Conversation} item @returns {boolean} whether the list changed */
  #keep(item) {
    const known = this.#items.get(item.id)
    if (known && known.version > item.version) return false
    if (this.#belongs(item, known)) this.#items.set(item.id, item)
    else this.#items.delete(item.id)
    this.unread.see(item)
    return true
  }

  /** @param {Conversation} item */
  #add(item) {
    this.#items.set(item.id, item)
    this.unread.see(item)
  }

  /** @param {Conversation} item @param {Conversation | undefined} known */
  #belongs(item, known) {
    if (!isAmong(item, this.#filter)) return false
    return Boolean(known) || !this.#search || hasInTitle(item, this.#search)
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
    if (this.#filter === "archived" || this.#search) return { items: [], next: null }
    return this.#api.get(`conversations${query({ pinned: true, ...this.#wanted, limit: 200 })}`, { signal })
  }

  /** @param {string | null} before @param {AbortSignal} signal @returns {Promise<Listing<Conversation>>} */
  #page(before, signal) {
    return this.#api.get(`conversations${query({ q: this.#search, ...this.#wanted, limit: PAGE, before })}`, { signal })
  }

  get #wanted() {
    const whose = this.#filter === "mine" || this.#filter === "shared" ? this.#filter : null
    return { whose, archived: this.#filter === "archived" }
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

/** @param {Conversation} conversation @param {Filter} filter */
function isAmong({ archived, role }, filter) {
  if (archived || filter === "archived") return archived && filter === "archived"
  return filter === "all" || (filter === "mine") === (role === "owner")
}

/** @param {{title: string}} conversation @param {string} words */
export function hasInTitle({ title }, words) {
  return title.toLowerCase().includes(words.toLowerCase())
}

/** @param {string} one @param {string} other */
function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0
}
