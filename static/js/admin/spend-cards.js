// The figures at the head: spent of the workspace's limit, forecast, reserved, who is out, what waits, what is estimated.

import { emit, find, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { compact, exactly, money } from "models/spend-amounts.js"
import { api, drawMeter, setTone, timeOf } from "admin/office.js"

const PERIODS = /** @type {Record<string, string>} */ ({ day: "today", week: "this week", month: "this month", total: "in all" })

class SpendCards extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#show(detail.spend.summary, detail.filters.period), { signal })
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-status]"))) button.addEventListener("click", () => emit(document, "spend.filtered", { status: button.dataset.status }), { signal })
    this.#lookForDrift()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {SpendSummary} summary @param {string} period */
  #show(summary, period) {
    this.#showSpent(summary, period)
    this.#showForecast(summary.window, period === "this")
    this.#showStandings(summary)
    this.#showRest(summary)
  }

  /** @param {SpendSummary} summary @param {string} period */
  #showSpent({ window, sums }, period) {
    const isWindow = !period.includes("..")
    const micro = isWindow ? window.spent_micro_usd : sums.micro_usd
    this.#set("spent-label", period === "this" ? `Spent ${PERIODS[window.period]}` : "Spent")
    this.#set("spent", money(micro), exactly(micro))
    this.#set("spent-of", isWindow ? ofLimit(window) : `${compact(sums.tokens)} tokens`)
    const label = `Workspace: ${money(window.spent_micro_usd)} spent and ${money(window.held_micro_usd)} reserved, ${ofLimit(window)}`
    drawMeter(find(this, "[data-meter]"), window, "ok", label)
  }

  /** @param {SpendSummary["window"]} window @param {boolean} isNow */
  #showForecast(window, isNow) {
    const expected = window.forecast_micro_usd
    this.#set("forecast-label", window.ends ? `Expected by ${timeOf(window.ends)}` : "Expected")
    this.#set("forecast", isNow && expected !== null ? money(expected) : "–")
    const chip = find(this, "[data-forecast-chip]")
    chip.hidden = !isNow || expected === null || window.limit_micro_usd === null
    if (!chip.hidden) drawForecast(chip, Number(window.limit_micro_usd) - Number(expected))
  }

  /** @param {SpendSummary} summary */
  #showStandings({ people }) {
    this.#set("out", String(people.out + people.over))
    this.#set("near", String(people.near))
    find(this, '[data-status="out"]').disabled = !(people.out + people.over)
    find(this, '[data-status="near"]').disabled = !people.near
  }

  /** @param {SpendSummary} summary */
  #showRest({ held, requests, sums }) {
    this.#set("held", money(held.micro_usd), exactly(held.micro_usd))
    this.#set("held-calls", `${counted(held.calls, "call")}, ${compact(held.tokens)} tokens`)
    this.#set("requests", String(requests))
    this.#set("requests-words", requests ? "" : "Nobody asks for more")
    find(this, "[data-requests-link]").hidden = !requests
    this.#set("estimated", sums.tokens ? `${((100 * sums.estimated_tokens) / sums.tokens).toFixed(1)} %` : "0 %")
  }

  /** @param {string} name @param {string} words @param {string} [title] */
  #set(name, words, title = "") {
    const element = find(this, `[data-${name}]`)
    setText(element, words)
    element.title = title
  }

  // Once for a page: it looks through all windows.
  async #lookForDrift() {
    const chip = find(this, "[data-drift]")
    try {
      const { drifts } = await api.get("admin/spend/drift")
      const sum = Object.values(drifts).reduce((one, other) => one + other, 0)
      setText(chip, sum ? `Counters differ by ${compact(sum)}` : "Counters agree")
      setTone(chip, sum ? "bad" : "ok")
    } catch {
      setText(chip, "Not checked")
    }
  }
}

/** @param {Counters} window */
function ofLimit({ limit_micro_usd: micro, limit_tokens: tokens, spent_tokens: spent }) {
  if (micro !== null) return `of ${money(micro)}`
  return tokens === null ? `${compact(spent)} tokens, unlimited` : `${compact(spent)} of ${compact(tokens)} tokens`
}

/** @param {HTMLElement} chip @param {number} left */
function drawForecast(chip, left) {
  setText(chip, left < 0 ? `${money(-left)} above the limit` : `${money(left)} below the limit`)
  setTone(chip, left < 0 ? "bad" : "ok")
}

customElements.define("spend-cards", SpendCards)
