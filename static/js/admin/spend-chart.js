// Bars by day, stacked by model. The colours come from the style sheet, the figures also as a table.

import "chart.js"
import { find, prefersStillness } from "lib/dom.js"
import { query } from "lib/api.js"
import { compact, exactly, money } from "models/spend-amounts.js"
import { api, dayOf, made } from "admin/office.js"

const { Chart } = /** @type {any} */ (globalThis)
const COLOURS = ["--data-3", "--accent", "--data-2", "--person", "--ink-3"]
const DAY = 86_400_000

class SpendChart extends HTMLElement {
  #leaving = new AbortController()
  /** @type {any} */
  #chart = null
  /** @type {SpendDays | null} */
  #days = null
  #unit = "micro_usd"
  #wanted = ""

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#load(detail.filters), { signal })
    for (const button of this.#switches) button.addEventListener("click", () => this.#count(button.dataset.unit ?? ""), { signal })
    find(this, "[data-compare]").addEventListener("change", () => this.#draw(), { signal })
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw(), { signal })
    this.#watchTheme(signal)
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#chart?.destroy()
  }

  /** @param {AbortSignal} signal */
  #watchTheme(signal) {
    const observer = new MutationObserver(() => this.#draw())
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    signal.addEventListener("abort", () => observer.disconnect())
  }

  /** @returns {HTMLElement[]} */
  get #switches() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-unit]"))]
  }

  /** @param {SpendFilters} filters */
  async #load({ period, group }) {
    const wanted = (this.#wanted = query({ period, group }))
    const days = await api.get(`admin/spend/days${wanted}`).catch(() => null)
    if (!days || wanted !== this.#wanted || JSON.stringify(days) === JSON.stringify(this.#days)) return
    this.#days = days
    this.#draw()
  }

  /** @param {string} unit */
  #count(unit) {
    this.#unit = unit
    for (const button of this.#switches) button.setAttribute("aria-pressed", String(button.dataset.unit === unit))
    this.#draw()
  }

  #draw() {
    if (!this.#days) return
    const shown = sumsOf(this.#days, this.#unit, find(this, "[data-compare]").checked)
    const colours = coloursOf(this)
    find(this, "[data-empty]").hidden = shown.series.some(({ data }) => data.some(Boolean))
    this.#chart?.destroy()
    Chart.defaults.font.family = getComputedStyle(this).fontFamily
    this.#chart = new Chart(find(this, "[data-canvas]"), configOf(shown, colours, this.#unit))
    this.#drawLegend(shown)
    this.#drawTable(shown)
  }

  /** @param {Shown} shown */
  #drawLegend({ series }) {
    const items = series.filter(({ isBefore }) => !isBefore).map(({ label }, at) => made("li", label, `bar-${at % COLOURS.length}`))
    find(this, "[data-legend]").replaceChildren(...items)
  }

  /** @param {Shown} shown */
  #drawTable({ days, series }) {
    const heads = ["Day", ...series.map(({ label }) => label)].map((words, at) => Object.assign(made("th", words, at ? "number" : ""), { scope: "col" }))
    find(this, "[data-head]").replaceChildren(...heads)
    find(this, "[data-body]").replaceChildren(...days.map((day, at) => rowOf(day, series.map(({ data }) => inUnit(data[at], this.#unit)))))
  }
}

/** @typedef {{label: string, data: number[], isBefore: boolean}} Series */
/** @typedef {{days: string[], series: Series[]}} Shown */

/** @param {SpendDays} given @param {string} unit @param {boolean} isCompared @returns {Shown} */
function sumsOf({ first, last, days, previous }, unit, isCompared) {
  const all = daysFrom(first, last)
  const models = [...new Set(days.map(({ model }) => model))].sort()
  const series = models.map((model) => ({ label: model, data: all.map((day) => sum(days, unit, day, model)), isBefore: false }))
  const earlier = all.map((day) => new Date(Date.parse(day) - all.length * DAY).toISOString().slice(0, 10))
  if (isCompared) series.push({ label: "Days before", data: earlier.map((day) => sum(previous, unit, day)), isBefore: true })
  return { days: all, series }
}

/** @param {SpendDay[]} rows @param {string} unit @param {string} day @param {string} [model] */
function sum(rows, unit, day, model) {
  const fitting = rows.filter((row) => row.day === day && (!model || row.model === model))
  return fitting.reduce((total, row) => total + /** @type {any} */ (row)[unit], 0)
}

/** @param {string} first @param {string} last */
function daysFrom(first, last) {
  const count = Math.round((Date.parse(last) - Date.parse(first)) / DAY) + 1
  return Array.from({ length: count }, (_, at) => new Date(Date.parse(first) + at * DAY).toISOString().slice(0, 10))
}

/** A canvas knows no variables: an element that has the colour says what it is now. @param {HTMLElement} from */
function coloursOf(from) {
  const probe = from.appendChild(document.createElement("i"))
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const found = { bars: COLOURS.map(colour), ink: colour("--ink-3"), line: colour("--line"), before: colour("--line-strong") }
  probe.remove()
  return found
}

/** @param {Shown} shown @param {ReturnType<typeof coloursOf>} colours @param {string} unit */
function configOf({ days, series }, colours, unit) {
  const datasets = series.map((one, at) => datasetOf(one, one.isBefore ? colours.before : colours.bars[at % colours.bars.length]))
  const x = { stacked: true, grid: { display: false }, border: { color: colours.line }, ticks: { color: colours.ink, maxRotation: 0, autoSkipPadding: 12 } }
  const y = { stacked: true, beginAtZero: true, grid: { color: colours.line }, border: { display: false }, ticks: { color: colours.ink, maxTicksLimit: 5, callback: (/** @type {number} */ value) => inUnit(value, unit, true) } }
  const tooltip = { callbacks: { label: (/** @type {any} */ item) => `${item.dataset.label}: ${inUnit(item.raw, unit)}` } }
  const options = { responsive: true, maintainAspectRatio: false, animation: prefersStillness() ? false : { duration: 200 }, interaction: { mode: "index" }, scales: { x, y }, plugins: { legend: { display: false }, tooltip } }
  return { type: "bar", data: { labels: days.map(dayOf), datasets }, options }
}

/** @param {Series} series @param {string} colour */
function datasetOf({ label, data, isBefore }, colour) {
  return { label, data, stack: isBefore ? "before" : "now", backgroundColor: colour, hoverBackgroundColor: colour, borderWidth: 0, maxBarThickness: 28, categoryPercentage: 0.8, barPercentage: 0.95 }
}

/** @param {number} value @param {string} unit @param {boolean} [isShort] */
function inUnit(value, unit, isShort = false) {
  if (unit === "tokens") return isShort ? compact(value) : value.toLocaleString("en-US")
  return isShort ? money(value) : exactly(value)
}

/** @param {string} day @param {string[]} figures */
function rowOf(day, figures) {
  const row = document.createElement("tr")
  row.append(Object.assign(made("th", dayOf(day)), { scope: "row" }), ...figures.map((words) => made("td", words, "number")))
  return row
}

customElements.define("spend-chart", SpendChart)
