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
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
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

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#following?.abort()
    const { signal } = (this.#following = new AbortController())
    this.#session = session
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
    let day = ""
    return turns.flatMap((message, at) => {
      const name = dayName(new Date(message.created_at), now)
      const heads = name === day ? [] : [this.#day(name)]
      day = name
      return [...heads, this.#turn(message, isBusy, at === turns.length - 1)]
    })
  }

  /** @param {string} name */
  #day(name) {
    const line = this.#rows.get(`day ${name}`) ?? fromTemplate("turn-day")
    this.#rows.set(`day ${name}`, line)
    setText(line, name)
    return line
  }

  /** @param {Message} message @param {boolean} isBusy @param {boolean} isLast */
  #turn(message, isBusy, isLast) {
    const row = this.#rowFor(message)
    customElements.upgrade(row)
    row.show(message, { page: this.#page, versions: this.#session?.store.versions(message.id) ?? [], isBusy, isLast })
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
    emit(this, "answer.grew", { text: message.content })
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
    const last = this.#session?.turns().findLast(({ role, sending }) => role === "user" && sending !== "pending")
    const row = last && !this.#session?.isBusy && this.#rows.get(last.id)
    if (!row) return
    event.preventDefault()
    row.edit()
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
