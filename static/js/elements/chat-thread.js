// The turns of the branch on screen. The newest are drawn first; what lies above follows in slices, so that no frame is long.

import { arrange, emit, fromTemplate, setText } from "lib/dom.js"
import { dayName } from "lib/time.js"

const FIRST = 10
const SLICE = 6
const READ_WITHIN_SCREENS = 2

class ChatThread extends HTMLElement {
  #leaving = new AbortController()
  /** @type {AbortController | undefined} */
  #following
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {import("models/new-line.js").NewLine | null} */
  #line = null
  /** @type {Page | null} */
  #page = null
  /** Turns and days by key. @type {Map<string, any>} */
  #rows = new Map()
  /** The topmost turn that is drawn. @type {Id | null} */
  #top = null
  /** @type {Set<Id>} */
  #grown = new Set()
  #frame = 0
  #busy = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => (this.#page = detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("turn.wanted", ({ detail }) => this.#reveal(detail.id), { signal })
    document.addEventListener("edit.asked", (event) => this.#editLast(event), { signal })
    this.#scroller.addEventListener("scroll", () => this.#fill(), { signal, passive: true })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#following?.abort()
  }

  /** @returns {HTMLElement} */
  get #scroller() {
    return /** @type {HTMLElement} */ (this.closest("[data-scroller]"))
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  #follow({ session, line }) {
    this.#following?.abort()
    const { signal } = (this.#following = new AbortController())
    this.#session = session
    this.#line = line
    line.addEventListener("changed", () => this.#show(), { signal })
    this.#rows.clear()
    this.#top = null
    session.addEventListener("changed", () => this.#show(), { signal })
    session.addEventListener("grew", (event) => this.#grew(/** @type {CustomEvent} */ (event).detail.id), { signal })
    session.addEventListener("waiting", (event) => this.#waiting(/** @type {CustomEvent} */ (event).detail), { signal })
    this.#show()
  }

  #show() {
    arrange(this, this.#elements(this.#turns(0)))
    this.#fill()
  }

  /** The turns from the topmost drawn one on, and so many above it. @param {number} more */
  #turns(more) {
    const turns = this.#session?.turns() ?? []
    const known = turns.findIndex(({ id }) => id === this.#top)
    const from = Math.max(0, (known < 0 ? turns.length - FIRST : known) - more)
    this.#top = turns[from]?.id ?? null
    return turns.slice(from)
  }

  /** @param {Message[]} turns @returns {HTMLElement[]} */
  #elements(turns) {
    const now = new Date()
    const isBusy = /** @type {import("models/conversation-session.js").ConversationSession} */ (this.#session).isBusy
    const firstNew = this.#line?.first?.id
    let day = ""
    return turns.flatMap((message, at) => {
      const name = dayName(new Date(message.created_at), now)
      const heads = name === day ? [] : [this.#day(name)]
      day = name
      if (message.id === firstNew) heads.push(this.#head("new", "turn-new"))
      return [...heads, this.#turn(message, isBusy, at === turns.length - 1)]
    })
  }

  /** @param {string} name */
  #day(name) {
    const line = this.#head(`day ${name}`, "turn-day")
    setText(line, name)
    return line
  }

  /** @param {string} key @param {string} template @returns {HTMLElement} a line above a turn */
  #head(key, template) {
    if (!this.#rows.has(key)) this.#rows.set(key, fromTemplate(template))
    return this.#rows.get(key)
  }

  /** @param {Message} message @param {boolean} isBusy @param {boolean} isLast */
  #turn(message, isBusy, isLast) {
    const row = this.#rowFor(message)
    customElements.upgrade(row)
    const { store, team } = /** @type {import("models/conversation-session.js").ConversationSession} */ (this.#session)
    const asker = store.get(message.parent ?? "")?.author ?? null
    row.show(message, { page: this.#page, team, asker, versions: message.trailing ? [] : store.versions(message.id), isBusy, isLast })
    return row
  }

  // The row of an awaited answer becomes the row of the answer when that has come, and an answer that goes on from another
  // one shares its row, so that nothing flickers.
  /** @param {Message} message @returns {any} a chat-turn */
  #rowFor({ id, parent, role, completion }) {
    const awaited = `answer-to-${parent}`
    const row = this.#rows.get(id) ?? this.#rows.get(completion?.continues ?? "") ?? (role === "assistant" && this.#rows.get(awaited)) ?? null
    const made = row || measured(fromTemplate(role === "assistant" ? "turn-answer" : "turn-question"))
    if (id !== awaited) this.#rows.delete(awaited)
    this.#rows.set(id, made)
    return made
  }

  // Text is drawn once in a frame, however many pieces came.
  /** @param {Id} id */
  #grew(id) {
    this.#grown.add(id)
    this.#frame ||= requestAnimationFrame(() => this.#drawGrown())
  }

  #drawGrown() {
    this.#frame = 0
    for (const id of this.#grown) this.#drawText(id)
    this.#grown.clear()
  }

  /** @param {Id} id */
  #drawText(id) {
    const message = this.#session?.store.get(id)
    const row = this.#rowOnScreen(id)
    if (!message || !row) return
    row.grow(message)
    emit(this, "answer.grew", { id, text: message.content })
  }

  /** @param {{id: Id, seconds: number}} wait */
  #waiting({ id, seconds }) {
    this.#rowOnScreen(id)?.wait(seconds)
  }

  /** @param {Id} id */
  #rowOnScreen(id) {
    const row = this.#rows.get(id)
    return row?.isConnected && row.dataset.message === id ? row : undefined
  }

  /** @param {Event} event */
  #editLast(event) {
    const last = this.#session?.turns().findLast((message) => this.#session?.team.mayEdit(message) && message.role === "user" && !message.deleted_at && message.sending !== "pending")
    const row = last && !this.#session?.isBusy && this.#rows.get(last.id)
    if (!row) return
    event.preventDefault()
    row.edit()
  }

  // A turn that is wanted at the top of the screen may not be drawn yet; what is drawn above it later keeps it in its place.
  /** @param {Id} id */
  #reveal(id) {
    const at = this.#session?.turns().findIndex((message) => message.id === id) ?? -1
    if (at < 0) return
    const top = this.#session?.turns().findIndex((message) => message.id === this.#top) ?? 0
    arrange(this, this.#elements(this.#turns(Math.max(0, top - at))))
    const row = this.#rows.get(id)
    const wanted = row.previousElementSibling?.matches(".new-line") ? row.previousElementSibling : row
    wanted.scrollIntoView({ block: "start" })
    requestAnimationFrame(() => wanted.scrollIntoView({ block: "start" }))
  }

  // Draw and read upwards while the person is near the top.
  async #fill() {
    if (this.#busy) return
    this.#busy = true
    while (await this.#fillOnce());
    this.#busy = false
  }

  /** @returns {Promise<boolean>} whether to look again */
  async #fillOnce() {
    const session = this.#session
    if (!session || !this.#isNearTop()) return false
    if (session.turns()[0] && session.turns()[0].id !== this.#top) return this.#drawMore()
    if (!session.hasOlder) return false
    return session.readOlder().catch(() => false)
  }

  /** @returns {Promise<boolean>} */
  async #drawMore() {
    await new Promise((resolve) => setTimeout(resolve))
    const elements = this.#elements(this.#turns(SLICE))
    emit(this, "thread.grows-above", { insert: () => arrange(this, elements) })
    return true
  }

  #isNearTop() {
    return this.#scroller.scrollTop < this.#scroller.clientHeight * READ_WITHIN_SCREENS
  }
}

// A new row is laid out once wherever it is: then its size is known when it leaves the sight, and nothing jumps.
/** @param {HTMLElement} row */
function measured(row) {
  row.dataset.fresh = ""
  requestAnimationFrame(() => requestAnimationFrame(() => delete row.dataset.fresh))
  return row
}

customElements.define("chat-thread", ChatThread)
