// Which period the page shows, and what is exported.

import { emit, find } from "lib/dom.js"

class SpendPeriod extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    find(this, "[data-period]").addEventListener("change", () => this.#choose(), { signal })
    this.#range.addEventListener("submit", (/** @type {SubmitEvent} */ event) => this.#submit(event), { signal })
    document.addEventListener("spend.given", ({ detail }) => this.#show(detail), { signal, once: true })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLFormElement} */
  get #range() {
    return find(document, "[data-range]")
  }

  #choose() {
    const period = find(this, "[data-period]").value
    this.#range.hidden = period !== "range"
    if (period === "range") find(this.#range, "input").focus()
    else emit(document, "spend.filtered", { period })
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault()
    const [first, last] = ["first", "last"].map((name) => /** @type {HTMLInputElement} */ (this.#range.elements.namedItem(name)).value)
    emit(document, "spend.filtered", { period: first < last ? `${first}..${last}` : `${last}..${first}` })
  }

  /** @param {{spend: Spend, filters: SpendFilters}} given */
  #show({ spend, filters }) {
    const isRange = filters.period.includes("..")
    find(this, "[data-period]").value = isRange ? "range" : filters.period
    this.#range.hidden = !isRange
    const days = { first: spend.summary.first, last: spend.summary.last }
    for (const [name, day] of Object.entries(days)) /** @type {HTMLInputElement} */ (this.#range.elements.namedItem(name)).value = day
  }
}

class SpendExport extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#follow(detail.filters.period), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {string} period */
  #follow(period) {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (this.querySelectorAll("[data-kind]"))) {
      link.href = `/api/v1/admin/spend.csv?kind=${link.dataset.kind}&period=${period}`
      link.hidden = link.dataset.kind === "people" && period.includes("..")
    }
  }
}

customElements.define("spend-period", SpendPeriod)
customElements.define("spend-export", SpendExport)
