// The list of conversations: filter, search, groups by day, more of it on scrolling.

import { arrange, emit, find, fromTemplate, setText } from "lib/dom.js"
import { storage } from "lib/storage.js"
import { hasInTitle } from "models/chat-list.js"
import { groupByDay } from "models/day-groups.js"

/** @typedef {import("models/chat-list.js").ChatList} ChatList */
/** @typedef {import("models/chat-list.js").Filter} Filter */

const TYPING_PAUSE = 200
const LOAD_WITHIN = 600
const SKELETON_AFTER = 300
const FILTER = "chats-shown"
const NOTHING = {
  all: "Your chats will stand here.",
  mine: "You have begun no chat yet.",
  shared: "Chats that others invite you to will stand here.",
  archived: "No archived chats.",
}

class ChatSidebar extends HTMLElement {
  #leaving = new AbortController()
  /** @type {ChatList | null} */
  #list = null
  /** @type {Id | null} */
  #current = null
  /** @type {Map<Id, HTMLElement>} */
  #rows = new Map()
  /** @type {Map<string, HTMLElement>} */
  #groups = new Map()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing
  #askedAt = 0

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("chats.given", ({ detail }) => this.#follow(detail.list), { signal })
    for (const type of ["session.changed", "session.named"]) document.addEventListener(type, (event) => this.#mark(/** @type {CustomEvent} */ (event).detail.session.id), { signal })
    document.addEventListener("visibilitychange", () => this.#show(), { signal })
    document.addEventListener("search.asked", () => this.#openSearch(), { signal })
    document.addEventListener("rename.asked", (event) => this.#rename(event), { signal })
    this.#search.addEventListener("input", () => this.#typed(), { signal })
    this.#search.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#searchKey(event), { signal })
    find(this, "[data-filter]").addEventListener("change", () => this.#choose(), { signal })
    this.addEventListener("keydown", (event) => this.#move(event), { signal })
    find(this, "[data-scroller]").addEventListener("scroll", () => this.#fill(), { signal, passive: true })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLInputElement} */
  get #search() {
    return find(this, "[data-search]")
  }

  /** @param {ChatList} list */
  #follow(list) {
    this.#list = list
    list.filter = this.#kept()
    this.#askedAt = Date.now()
    list.addEventListener("changed", () => this.#show(), { signal: this.#leaving.signal })
    setTimeout(() => this.#show(), SKELETON_AFTER + 10)
  }

  /** @param {Id | null} id */
  #mark(id) {
    this.#current = id
    this.#show()
  }

  #show() {
    if (!this.#list) return
    const groups = groupByDay(this.#list.items(), new Date())
    this.#forgetRows()
    arrange(find(this, "[data-list]"), groups.map((group) => this.#groupElement(group)))
    this.#showStates(groups.length)
    this.#fill()
  }

  /** @param {number} count of groups */
  #showStates(count) {
    const { loaded, filter, search, problem } = /** @type {ChatList} */ (this.#list)
    find(this, "[data-loading]").hidden = loaded || Boolean(problem) || Date.now() - this.#askedAt < SKELETON_AFTER
    find(this, "[data-none]").hidden = !(loaded || problem) || count > 0
    setText(find(this, "[data-none]"), problem?.detail ?? emptyWords(search, filter))
  }

  /** @param {import("models/day-groups.js").Group} group */
  #groupElement({ name, items }) {
    const section = this.#groups.get(name) ?? fromTemplate("chat-group")
    this.#groups.set(name, section)
    setText(find(section, "h2"), name)
    arrange(find(section, "ul"), items.map((item) => this.#rowElement(item)))
    return section
  }

  /** @param {Conversation} item */
  #rowElement(item) {
    const line = this.#rows.get(item.id) ?? fromTemplate("chat-row")
    this.#rows.set(item.id, line)
    customElements.upgrade(line)
    find(line, "chat-row").show(item, this.#stateOf(item))
    return line
  }

  // What stands before the person's eyes is not unread, whatever the server has heard of it yet.
  /** @param {Conversation} item @returns {import("elements/chat-row.js").RowState} */
  #stateOf(item) {
    const isCurrent = item.id === this.#current
    const search = this.#list?.search ?? ""
    return {
      isCurrent,
      unread: isCurrent && document.visibilityState === "visible" ? 0 : item.unread,
      foundBy: search && !hasInTitle(item, search) ? search : "",
    }
  }

  #forgetRows() {
    for (const id of this.#rows.keys()) if (!this.#list?.get(id)) this.#rows.delete(id)
  }

  #fill() {
    const scroller = find(this, "[data-scroller]")
    if (this.#list?.hasMore && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < LOAD_WITHIN) this.#list.more()
  }

  #typed() {
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.#list?.select({ search: this.#search.value.trim() }), TYPING_PAUSE)
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    if (event.key !== "Escape" || !this.#search.value) return
    event.preventDefault()
    this.#search.value = ""
    this.#typed()
  }

  #openSearch() {
    if (!this.#search.checkVisibility({ visibilityProperty: true })) emit(this, "sidebar.toggled")
    this.#search.focus()
    this.#search.select()
  }

  /** @returns {Filter} what was chosen before, which the choice then shows */
  #kept() {
    const kept = storage.getItem(FILTER) ?? ""
    const choice = /** @type {HTMLInputElement | null} */ (this.querySelector(`[data-filter] [value="${kept in NOTHING ? kept : "all"}"]`))
    if (choice) choice.checked = true
    return this.#chosen
  }

  /** @returns {Filter} */
  get #chosen() {
    return find(this, "[data-filter] :checked").value
  }

  #choose() {
    storage.setItem(FILTER, this.#chosen)
    this.#list?.select({ filter: this.#chosen })
    find(this, "[data-scroller]").scrollTop = 0
  }

  // From the search field and along the list with the arrows.
  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const focused = /** @type {Element} */ (event.target)
    if (!step || !focused.matches("[data-search], .chat")) return
    const stops = [this.#search, .../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-list] .chat:not([hidden])"))]
    const next = stops[stops.indexOf(/** @type {HTMLInputElement} */ (focused)) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  }

  /** @param {CustomEvent} event */
  #rename(event) {
    const row = event.detail.from === "row" ? this.#rows.get(event.detail.id) : null
    if (row) find(row, "chat-row").rename()
  }
}

/** @param {string} search @param {Filter} filter */
function emptyWords(search, filter) {
  return search ? `No chat has “${search}” in its title or among its people.` : NOTHING[filter]
}

customElements.define("chat-sidebar", ChatSidebar)
