// Settings > Usage: the limits that bind, what was used by day and model, past periods and requests for more.

import { Api, query } from "lib/api.js"
import { emit, find, setText } from "lib/dom.js"
import { boundsOf } from "models/budget-view.js"
import { byModel, chartOf, summary } from "models/usage-view.js"
import { limitPanels, workspaceWord } from "elements/usage-limits.js"
import { drawChart, drawLegend, drawModels, fillDays, fillPeriods, fillRequests } from "elements/usage-drawing.js"

const DAYS = 30
const LOOK_EVERY = 10_000

class UsagePage extends HTMLElement {
  #leaving = new AbortController()
  #api = new Api({ signedOut: () => location.reload() })
  #known = ""
  /** @type {UsedDay[]} */
  #days = []
  #today = ""
  /** @type {Unit} */
  #unit = "tokens"

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("budget.known", ({ detail }) => this.#know(detail.budget), { signal })
    document.addEventListener("click", (event) => this.#clicked(event), { signal })
    const looking = setInterval(() => document.visibilityState === "visible" && emit(this, "budget.changed"), LOOK_EVERY)
    signal.addEventListener("abort", () => clearInterval(looking))
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  // What was used changes with the budget's own figures, so it is read when those differ.
  /** @param {Budget} budget */
  async #know(budget) {
    const known = JSON.stringify(budget)
    find(this, "[data-limits]").replaceChildren(...limitPanels(budget, new Date()))
    workspaceWord(find(this, "[data-workspace]"), budget)
    find(document, "[data-more]").hidden = budget.request?.state === "open" || !budget.limits.some((limit) => boundsOf(limit).length)
    if (known === this.#known) return
    this.#known = known
    await this.#read().catch(() => (this.#known = ""))
  }

  async #read() {
    const [usage, periods, requests] = await Promise.all([this.#api.get(`me/usage${query({ days: DAYS })}`), this.#api.get("me/budget/periods"), this.#api.get("me/budget/requests")])
    this.#days = usage.days
    this.#today = usage.today
    this.#draw()
    fillPeriods(find(this, "[data-periods]"), periods.items)
    fillRequests(find(this, "[data-requests]"), requests.items)
  }

  #draw() {
    const chart = chartOf(this.#days, this.#today, DAYS, this.#unit)
    const svg = find(this, "[data-chart]")
    drawChart(svg, chart, this.#unit)
    svg.setAttribute("aria-label", `${summary(chart, this.#unit, DAYS)}. The table below has each day.`)
    drawLegend(find(this, "[data-legend]"), chart.models)
    drawModels(find(this, "[data-models]"), byModel(this.#days, this.#unit), this.#unit)
    setText(find(this, "[data-sum]"), summary(chart, this.#unit, DAYS))
    fillDays(find(this, "[data-days]"), this.#days)
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-unit]"))) button.setAttribute("aria-pressed", String(button.dataset.unit === this.#unit))
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-unit], [data-more], [data-withdraw]"))
    if (!button) return
    if (button.matches("[data-more]")) emit(this, "more.wanted")
    if (button.matches("[data-withdraw]")) emit(this, "more.withdrawn", { id: button.dataset.withdraw })
    if (button.dataset.unit) this.#turnTo(/** @type {Unit} */ (button.dataset.unit))
  }

  /** @param {Unit} unit */
  #turnTo(unit) {
    this.#unit = unit
    this.#draw()
  }
}

customElements.define("usage-page", UsagePage)
