// What the person is told beside their conversations: the newest first, and how many of it are unread.

import { problemOf, query } from "lib/api.js"
import { titleOf } from "models/titles.js"

const PAGE = 20

/** Tells "changed". */
export class Notifications extends EventTarget {
  /** @type {NotificationRow[]} */
  items = []
  unread = 0
  loaded = false
  /** @type {Problem | null} why they could not be read */
  problem = null
  #api
  /** @type {string | null} */
  #next = null
  /** @type {AbortController | null} */
  #asking = null

  /** @param {import("lib/api.js").Api} api */
  constructor(api) {
    super()
    this.#api = api
  }

  get hasMore() {
    return this.#next !== null
  }

  /** Read the newest again. */
  async refresh() {
    await this.#ask(null, (page) => (this.items = page.items))
  }

  async more() {
    if (!this.#next || this.#asking) return
    await this.#ask(this.#next, (page) => (this.items = [...this.items, ...page.items.filter((item) => !this.#has(item.id))]))
  }

  /** Something new. @param {NotificationRow} notification @param {number} unread */
  hear(notification, unread) {
    if (!this.#has(notification.id)) this.items = [notification, ...this.items]
    this.#count(unread)
    // A page that is on its way may have been read before.
    if (this.#asking) this.refresh()
  }

  /** Some were read, here or in another tab: which, only the server knows. @param {number} unread */
  async heardRead(unread) {
    if (unread === this.unread) return
    this.#count(unread)
    await this.refresh()
  }

  /** The person has seen them: all, or those of one conversation. @param {Id} [conversation] */
  async read(conversation) {
    if (!this.#mayBeUnread(conversation)) return
    const { unread } = await this.#api.post("notifications/read", conversation ? { conversation } : {})
    this.items = this.items.map((item) => (conversation && item.conversation !== conversation ? item : asRead(item)))
    this.#count(unread)
  }

  /** @param {string | null} before @param {(page: Listing<NotificationRow>) => unknown} take */
  async #ask(before, take) {
    this.#asking?.abort()
    const { signal } = (this.#asking = new AbortController())
    try {
      const page = await this.#api.get(`notifications${query({ before, limit: PAGE })}`, { signal })
      if (!signal.aborted) this.#took(page, take)
    } catch (error) {
      if (!signal.aborted) this.problem = problemOf(error)
    }
    if (signal.aborted) return
    this.#asking = null
    this.#tell()
  }

  /** @param {Listing<NotificationRow> & {unread: number}} page @param {(page: Listing<NotificationRow>) => unknown} take */
  #took(page, take) {
    take(page)
    this.#next = page.next
    this.unread = page.unread
    this.loaded = true
    this.problem = null
  }

  // What is further down than was read may be of any conversation.
  /** @param {Id} [conversation] */
  #mayBeUnread(conversation) {
    const unread = this.items.filter(({ read_at }) => !read_at)
    if (!conversation || unread.some((item) => item.conversation === conversation)) return this.unread > 0
    return this.unread > unread.length
  }

  /** @param {Id} id */
  #has(id) {
    return this.items.some((item) => item.id === id)
  }

  /** @param {number} unread */
  #count(unread) {
    this.unread = unread
    this.#tell()
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

/** @param {NotificationRow} notification @returns {string} "Ben named you in “Leases”" */
export function sentenceOf({ kind, actor, title }) {
  const [who, where] = [actor?.name || "Somebody", `“${titleOf({ title })}”`]
  const sentences = {
    mention: `${who} named you in ${where}`,
    invited: `${who} invited you to ${where}`,
    role: `${who} changed what you may do in ${where}`,
    owner: `${who} made you the owner of ${where}`,
    removed: `${who} removed you from ${where}`,
  }
  return sentences[kind]
}

/** @param {NotificationRow} notification @returns {NotificationRow} */
function asRead(notification) {
  return { ...notification, read_at: notification.read_at ?? new Date().toISOString() }
}
