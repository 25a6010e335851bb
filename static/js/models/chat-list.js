// The conversations of the sidebar: pages from the server, facts from the socket, one order.

import { problemOf, query } from "lib/api.js"
import { merged } from "models/own-fields.js"
import { isLive } from "models/status.js"
import { UnreadChats } from "models/unread.js"

const PAGE = 50

/** What the list shows: one's own and others' together, one of them, or what was put away. @typedef {"all" | "mine" | "shared" | "archived"} Filter */

export class ChatList extends EventTarget {
  /** All that are known, those too that the selection hides: news of them need not be asked for. @type {Map<Id, Conversation>} */
  #items = new Map()
  /** What the server found for the words that are searched for. @type {Set<Id>} */
  #found = new Set()
  /** Those that are being read, one question for each. @type {Map<Id, Promise<void>>} */
  #fetching = new Map()
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
    const shown = [...this.#items.values()].filter((item) => this.#isShown(item))
    return shown.sort((one, other) => compare(other.updated_at, one.updated_at) || compare(other.id, one.id))
  }

  /** @param {Id | null} id */
  get(id) {
    return id ? this.#items.get(id) : undefined
  }

  /** Show another selection; what does not belong to it goes at once, but what is on screen stays until a search is answered. @param {{search?: string, filter?: Filter}} selection */
  async select({ search = this.#search, filter = this.#filter }) {
    if (search === this.#search && filter === this.#filter && this.loaded) return
    this.loaded = false
    this.#found = new Set(this.items().map(({ id }) => id))
    this.#search = search
    this.#filter = filter
    await this.refresh()
  }

  /** Read the first page again; what is on screen stays until it is there. */
  async refresh() {
    await this.#ask(async (signal) => {
      const [all, pinned, page] = await Promise.all([this.#newestOfAll(signal), this.#pinned(signal), this.#page(null, signal)])
      const shown = [...pinned.items, ...page.items]
      this.#found = new Set(shown.map(({ id }) => id))
      const hidden = [...this.#items.values()].filter((item) => !this.#isShown(item))
      this.#items = new Map([...hidden, ...(all?.items ?? []), ...shown].map((item) => [item.id, item]))
      this.#next = page.next
      this.#countUnread(all ?? (this.#isWhole ? page : null), shown)
      for (const item of this.#told.values()) this.#keep(item)
    })
  }

  /** @param {Listing<Conversation> | null} newest of all that are not archived @param {Conversation[]} shown */
  #countUnread(newest, shown) {
    if (newest) this.unread.seeNewest(newest.items, !newest.next)
    for (const item of shown) this.unread.see(item)
  }

  /** Whether the first page has the newest of all that are not archived. */
  get #isWhole() {
    return this.#filter === "all" && !this.#search
  }

  // What a filter hides may be unread all the same.
  /** @param {AbortSignal} signal @returns {Promise<Listing<Conversation> | null>} */
  async #newestOfAll(signal) {
    if (this.#isWhole || this.#search) return null
    return this.#api.get(`conversations${query({ archived: false, limit: PAGE })}`, { signal })
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
    if (this.loading) this.#told.set(item.id, merged(this.#told.get(item.id), item))
    this.#keep(item)
    this.#tell()
  }

  /** Somebody or the model said something somewhere, or an answer ended. @param {Frame} frame @returns {boolean} false: the conversation is not in the list */
  hear({ type, conversation: id, message, version = 0 }) {
    const known = this.get(id ?? null)
    if (!known) return false
    const newest = { ...known, version: Math.max(known.version, version) }
    if (type === "message.created") this.put({ ...newest, ...this.#after(message, known, version) })
    if (type === "completion.finished") this.put({ ...newest, running: false, unread: known.unread - this.#unsaid(message, known, version) })
    return true
  }

  /** Read a conversation that is not known, once at a time. It may be gone already. @param {Frame} frame that told of it */
  async fetch(frame) {
    const id = /** @type {Id} */ (frame.conversation)
    const reading = this.#fetching.get(id) ?? this.#fetch(id).finally(() => this.#fetching.delete(id))
    this.#fetching.set(id, reading)
    await reading
    if ((this.get(id)?.version ?? Infinity) < (frame.version ?? 0)) this.hear(frame)
  }

  /** @param {Id} id */
  async #fetch(id) {
    const conversation = await this.#api.get(`conversations/${id}`).catch(() => null)
    if (conversation) this.put(conversation)
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

  // An answer that ends without a word was counted when it began, and is nothing to read.
  /** @param {Message} message @param {Conversation} known @param {number} version of the conversation, with its end */
  #unsaid({ status, content, position = 0 }, known, version) {
    const wasCounted = version > known.version && position > known.read_position && known.unread > 0
    return status === "stopped" && !content && wasCounted ? 1 : 0
  }

  /** @param {Conversation} item */
  #keep(item) {
    const known = this.#items.get(item.id)
    const newest = merged(known, item)
    this.#items.set(item.id, newest)
    this.unread.see(newest)
  }

  /** @param {Conversation} item */
  #add(item) {
    this.#items.set(item.id, item)
    this.#found.add(item.id)
    this.unread.see(item)
  }

  /** @param {Conversation} item */
  #isShown(item) {
    if (!isAmong(item, this.#filter)) return false
    return !this.#search || this.#found.has(item.id) || hasInTitle(item, this.#search)
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
