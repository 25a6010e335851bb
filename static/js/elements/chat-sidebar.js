// The list of conversations: search, archive, groups by day, more of it on scrolling.

import { arrange, emit, find, fromTemplate, setText } from "lib/dom.js"
import { groupByDay } from "models/day-groups.js"

const TYPING_PAUSE = 200
const LOAD_WITHIN = 600
const SKELETON_AFTER = 300

class ChatSidebar extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/chat-list.js").ChatList | null} */
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
    document.addEventListener("search.asked", () => this.#openSearch(), { signal })
    document.addEventListener("rename.asked", (event) => this.#rename(event), { signal })
    this.#search.addEventListener("input", () => this.#typed(), { signal })
    this.#search.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#searchKey(event), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
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

  /** @param {import("models/chat-list.js").ChatList} list */
  #follow(list) {
    this.#list = list
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
    const { loaded, archived, search, problem } = /** @type {import("models/chat-list.js").ChatList} */ (this.#list)
    find(this, "[data-loading]").hidden = loaded || Boolean(problem) || Date.now() - this.#askedAt < SKELETON_AFTER
    find(this, "[data-archive-head]").hidden = !archived
    find(this, '[data-archive="yes"]').hidden = archived || Boolean(search)
    find(this, "[data-none]").hidden = !(loaded || problem) || count > 0
    setText(find(this, "[data-none]"), problem?.detail ?? emptyWords(search, archived))
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
    find(line, "chat-row").show(item, item.id === this.#current)
    return line
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

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-archive]"))
    if (button) this.#list?.select({ archived: button.dataset.archive === "yes" })
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

/** @param {string} search @param {boolean} archived */
function emptyWords(search, archived) {
  if (search) return `No chat has “${search}” in its title.`
  return archived ? "No archived chats." : "Your chats will stand here."
}

customElements.define("chat-sidebar", ChatSidebar)
