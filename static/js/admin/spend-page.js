// Asks for the figures: at once after a change, when somebody looks again, and every ten seconds while they look.

import { emit, find } from "lib/dom.js"
import { query } from "lib/api.js"
import { wordsOf } from "lib/trouble.js"
import { api, dayOf } from "admin/office.js"

const EVERY = 10_000
const AT_MOST_EVERY = 2_000
const PAGE = 50
const MOST = 200
const EMPTY = /** @type {SpendFilters} */ ({ q: "", group: "", status: "", model: "", period: "this", sort: "-percent", before: "", limit: PAGE })
const KEPT = /** @type {(keyof SpendFilters)[]} */ (["q", "group", "status", "model", "period", "sort"])

class SpendPage extends HTMLElement {
  #leaving = new AbortController()
  #filters = { ...EMPTY }
  /** @type {Spend | null} */
  #spend = null
  #askedAt = 0
  #question = 0
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.#filters = { ...EMPTY, ...fromAddress() }
    document.addEventListener("spend.filtered", ({ detail }) => this.#filter(detail), { signal })
    document.addEventListener("spend.more", () => this.#more(), { signal })
    document.addEventListener("spend.changed", () => this.#load(), { signal })
    document.addEventListener("visibilitychange", () => this.#look(AT_MOST_EVERY), { signal })
    addEventListener("focus", () => this.#look(AT_MOST_EVERY), { signal })
    this.#timer = setInterval(() => this.#look(EVERY - 500), EVERY)
    this.#load()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearInterval(this.#timer)
  }

  /** @param {Partial<SpendFilters>} changes */
  #filter(changes) {
    this.#filters = { ...this.#filters, before: "", limit: PAGE, ...changes }
    const kept = Object.fromEntries(KEPT.filter((name) => this.#filters[name] !== EMPTY[name]).map((name) => [name, this.#filters[name]]))
    history.replaceState(null, "", location.pathname + query(kept))
    this.#load()
  }

  #more() {
    if (this.#filters.limit < MOST) this.#filters.limit += PAGE
    else this.#filters.before = this.#spend?.next ?? ""
    this.#load()
  }

  /** @param {number} pause not sooner after the last time */
  #look(pause) {
    if (!document.hidden && Date.now() - this.#askedAt >= pause) this.#load()
  }

  // Only the newest question is answered: a slow answer must not undo a newer filter.
  async #load() {
    const question = ++this.#question
    this.#askedAt = Date.now()
    try {
      const spend = await api.get(`admin/spend${query({ ...this.#filters })}`)
      if (question === this.#question) this.#show(spend)
    } catch (error) {
      if (question === this.#question) this.#trouble(`The figures could not be loaded. ${wordsOf(error)}`)
    }
  }

  /** @param {Spend} spend */
  #show(spend) {
    this.#spend = spend
    this.#trouble("")
    const { first, last } = spend.summary
    find(document, "[data-period-words]").textContent = `${dayOf(first)} to ${dayOf(last)}, ${spend.zone}`
    emit(document, "spend.given", { spend, filters: this.#filters })
  }

  /** @param {string} words */
  #trouble(words) {
    const note = find(this, "[data-trouble]")
    note.textContent = words
    note.hidden = !words
  }
}

/** @returns {Partial<SpendFilters>} */
function fromAddress() {
  const given = new URLSearchParams(location.search)
  return Object.fromEntries(KEPT.filter((name) => given.get(name)).map((name) => [name, given.get(name)]))
}

customElements.define("spend-page", SpendPage)
