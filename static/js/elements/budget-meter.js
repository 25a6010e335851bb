// What is left of the budget, in the message box: quiet while there is enough, hidden where nothing is limited.

import { emit, find, setText } from "lib/dom.js"
import { meterOf } from "models/budget-view.js"

const CHANGES_BY_ITSELF = 60_000

class BudgetMeter extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Budget | null} */
  #budget = null
  #tone = ""

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("budget.known", ({ detail }) => this.#know(detail.budget), { signal })
    const drawing = setInterval(() => this.#show(), CHANGES_BY_ITSELF)
    signal.addEventListener("abort", () => clearInterval(drawing))
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {Budget} budget */
  #know(budget) {
    this.#budget = budget
    this.#show()
  }

  #show() {
    const meter = this.#budget && meterOf(this.#budget, new Date())
    this.hidden = !meter
    if (!meter) return
    this.#draw(meter)
    setText(find(this, "[data-words]"), meter.words)
    setText(find(this, "[data-more]"), meter.more && ` · ${meter.more}`)
    this.#warn(meter)
  }

  /** @param {import("models/budget-view.js").Meter} meter */
  #draw({ percentSpent, percentHeld, tone, label }) {
    const link = find(this, ".gauge")
    if (tone) link.dataset.tone = tone
    else delete link.dataset.tone
    link.title = label
    find(this, "[data-label]").setAttribute("aria-label", label)
    find(this, "[data-label]").setAttribute("aria-valuenow", String(Math.round(percentSpent)))
    find(this, ".meter").toggleAttribute("data-live", percentHeld > 0)
    find(this, ".spent").setAttribute("width", `${percentSpent}%`)
    find(this, ".held").setAttribute("x", `${percentSpent}%`)
    find(this, ".held").setAttribute("width", `${percentHeld}%`)
  }

  // Colour alone says nothing to those who do not see it.
  /** @param {import("models/budget-view.js").Meter} meter */
  #warn({ tone, label }) {
    if (tone && tone !== this.#tone) emit(this, "status.said", { text: label })
    this.#tone = tone
  }
}

customElements.define("budget-meter", BudgetMeter)
