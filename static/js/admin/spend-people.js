// The table of people: filters, sorting, selection. Rows stay the same elements while their figures change.

import { arrange, emit, find, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { askBulk, askBulkLimit } from "admin/actions.js"
import { PersonRow } from "admin/person-row.js"

const PAUSE = 250
const FIELDS = /** @type {const} */ (["q", "status", "group", "model", "sort"])

class SpendPeople extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Map<string, PersonRow>} */
  #rows = new Map()
  #sort = ""
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#show(detail.spend, detail.filters), { signal })
    this.#filters.addEventListener("submit", (event) => event.preventDefault(), { signal })
    this.#filters.addEventListener("input", () => this.#filterSoon(), { signal })
    for (const head of this.#heads) head.addEventListener("click", () => this.#sortBy(head.dataset.sort ?? ""), { signal })
    this.addEventListener("change", (event) => this.#changed(/** @type {HTMLInputElement} */ (event.target)), { signal })
    find(this, "[data-more]").addEventListener("click", () => emit(document, "spend.more"), { signal })
    this.#listenToBulk(signal)
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#later)
  }

  /** @param {AbortSignal} signal */
  #listenToBulk(signal) {
    const blocked = { period: "month", limit_tokens: 0, limit_micro_usd: 0 }
    const does = {
      limit: () => askBulkLimit(this.#selected),
      block: () => askBulk(this.#selected, blocked, "Block"),
      reset: () => askBulk(this.#selected, null, "Back to the default"),
      clear: () => this.#select(false),
    }
    for (const [name, action] of Object.entries(does)) find(this, `[data-bulk-${name}]`).addEventListener("click", action, { signal })
  }

  /** @returns {HTMLFormElement} */
  get #filters() {
    return find(this, "[data-filters]")
  }

  /** @returns {HTMLElement[]} */
  get #heads() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-sort]"))]
  }

  get #selected() {
    return [...this.#rows.values()].filter((row) => row.check.checked).map((row) => row.person)
  }

  /** @param {Spend} spend @param {SpendFilters} filters */
  #show({ items, next, groups, models, summary }, filters) {
    this.#fillFilters(groups, models, filters)
    this.#drawRows(items)
    this.#showSort(filters.sort)
    const everybody = Object.values(summary.people).reduce((one, other) => one + other, 0)
    setText(find(this, "[data-count]"), next || items.length !== everybody ? `${items.length} of ${everybody}` : String(everybody))
    find(this, "[data-nobody]").hidden = items.length > 0
    find(this, "[data-more-row]").hidden = !next
    this.#showBulk()
  }

  /** @param {Spender[]} items */
  #drawRows(items) {
    const before = this.#rows
    this.#rows = new Map(items.map((person) => [person.id, before.get(person.id) ?? new PersonRow(person)]))
    for (const person of items) this.#rows.get(person.id)?.draw(person)
    arrange(find(this, "[data-rows]"), [...this.#rows.values()].map(({ element }) => element))
  }

  /** @param {Spend["groups"]} groups @param {string[]} models @param {SpendFilters} filters */
  #fillFilters(groups, models, filters) {
    fill(this.#field("group"), groups.map(({ id, name }) => [id, name]))
    fill(this.#field("model"), models.map((model) => [model, model]))
    find(this, "[data-groups]").hidden = !groups.length
    for (const name of FIELDS) if (document.activeElement !== this.#field(name)) this.#field(name).value = filters[name]
  }

  /** @param {string} name @returns {any} */
  #field(name) {
    return this.#filters.elements.namedItem(name)
  }

  #filterSoon() {
    clearTimeout(this.#later)
    this.#later = setTimeout(() => this.#filter(), PAUSE)
  }

  #filter() {
    const wanted = Object.fromEntries(FIELDS.map((name) => [name, this.#field(name).value.trim()]))
    emit(document, "spend.filtered", { ...wanted, sort: wanted.sort || this.#sort })
  }

  // Names begin with A, figures with the largest.
  /** @param {string} name */
  #sortBy(name) {
    const first = ["name", "status", "resets"].includes(name) ? name : `-${name}`
    emit(document, "spend.filtered", { sort: this.#sort === first ? (first.startsWith("-") ? name : `-${name}`) : first })
  }

  /** @param {string} sort */
  #showSort(sort) {
    this.#sort = sort
    const direction = sort.startsWith("-") ? "descending" : "ascending"
    for (const head of this.#heads) {
      if (head.dataset.sort === sort.replace("-", "")) head.setAttribute("aria-sort", direction)
      else head.removeAttribute("aria-sort")
    }
  }

  /** @param {HTMLInputElement} target */
  #changed(target) {
    if (target.matches("[data-all]")) this.#select(target.checked)
    else if (target.matches("[data-check]")) this.#showBulk()
  }

  /** @param {boolean} isSelected */
  #select(isSelected) {
    for (const { check } of this.#rows.values()) check.checked = isSelected
    this.#showBulk()
  }

  #showBulk() {
    const count = this.#selected.length
    find(this, "[data-bulk]").hidden = !count
    setText(find(this, "[data-selected]"), count ? `${counted(count, "person", "people")} selected` : "")
    const all = find(this, "[data-all]")
    all.checked = count > 0 && count === this.#rows.size
    all.indeterminate = count > 0 && count < this.#rows.size
  }
}

/** The first option means any. @param {HTMLSelectElement} select @param {string[][]} choices */
function fill(select, choices) {
  if (select.options.length === choices.length + 1) return
  while (select.options.length > 1) select.remove(1)
  for (const [value, words] of choices) select.add(new Option(words, value))
}

customElements.define("spend-people", SpendPeople)
