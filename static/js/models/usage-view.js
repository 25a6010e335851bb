// What a person used, by day and model, made ready to be drawn. Knows nothing of the DOM.

import { amount } from "models/budget-view.js"

/** @typedef {{model: string, value: number}} Part */
/** @typedef {{day: string, parts: Part[], total: number}} Column */
/** @typedef {{models: string[], columns: Column[], top: number, ticks: number[]}} Chart */

const DAY = 86_400_000
const OTHERS = "Others"
const KINDS = 3
const TICKS = 4
const DAY_NAME = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })
const NARROW = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 })

/** @param {UsedDay[]} days @param {string} today @param {number} count @param {Unit} unit @returns {Chart} oldest day first, most used model first */
export function chartOf(days, today, count, unit) {
  const models = kindsOf(days, unit)
  const columns = lastDays(today, count).map((day) => columnOf(day, days.filter((used) => used.day === day), models, unit))
  const top = niceTop(Math.max(...columns.map(({ total }) => total)), unit)
  return { models, columns, top, ticks: Array.from({ length: TICKS + 1 }, (_, at) => (top * at) / TICKS) }
}

/** @param {UsedDay[]} days @param {Unit} unit @returns {Part[]} most used first */
export function byModel(days, unit) {
  const sums = new Map()
  for (const used of days) sums.set(used.model, (sums.get(used.model) ?? 0) + used[unit])
  return [...sums].map(([model, value]) => ({ model, value })).sort((one, other) => other.value - one.value)
}

/** @param {UsedDay[]} days @param {Unit} unit */
function kindsOf(days, unit) {
  const models = byModel(days, unit).map(({ model }) => model)
  return models.length > KINDS ? [...models.slice(0, KINDS - 1), OTHERS] : models
}

/** @param {string} day @param {UsedDay[]} used @param {string[]} models @param {Unit} unit @returns {Column} */
function columnOf(day, used, models, unit) {
  const known = (/** @type {string} */ model) => (models.includes(model) ? model : OTHERS)
  const parts = models.map((model) => ({ model, value: used.filter((each) => known(each.model) === model).reduce((sum, each) => sum + each[unit], 0) }))
  return { day, parts, total: parts.reduce((sum, { value }) => sum + value, 0) }
}

/** @param {string} today @param {number} count @returns {string[]} */
function lastDays(today, count) {
  return Array.from({ length: count }, (_, at) => new Date(Date.parse(today) - (count - 1 - at) * DAY).toISOString().slice(0, 10))
}

const LEAST_TOP = { tokens: 100, micro_usd: 1000 }

/** The next of 1, 2, 4, 6, 8 and 10 times a power of ten: every tick of a quarter is a round figure. @param {number} most @param {Unit} unit */
function niceTop(most, unit) {
  const value = Math.max(most, LEAST_TOP[unit])
  const power = 10 ** Math.floor(Math.log10(value))
  return power * (/** @type {number} */ ([1, 2, 4, 6, 8, 10].find((times) => times * power >= value)))
}

/** @param {number} value @param {Unit} unit @returns {string} "1.2K" or "$0.40": short, for the scale of a chart */
export function tick(value, unit) {
  if (unit === "tokens") return NARROW.format(value)
  const money = value / 1e6
  return `$${money < 1 ? money.toPrecision(1).replace(/e.*/, "") : NARROW.format(money)}`
}

/** @param {string} day "2026-11-21" @returns {string} "21 Nov" */
export function dayLabel(day) {
  return DAY_NAME.format(new Date(day))
}

/** @param {Chart} chart @param {Unit} unit @param {number} count */
export function summary({ columns }, unit, count) {
  const total = columns.reduce((sum, column) => sum + column.total, 0)
  return `${amount(total, unit)} in the last ${count} days`
}

const HOUR = 3_600_000

/**
 * How long what is left lasts if it goes on like this.
 * @param {import("models/budget-view.js").Bound} bound @param {Date} now @returns {Date | "enough" | null} null: nothing can be said
 */
export function lastsUntil({ limit, spent, most }, now) {
  const since = Date.parse(limit.starts_at)
  if (!limit.resets_at || !spent || spent >= most || now.getTime() - since < HOUR) return null
  const end = now.getTime() + ((most - spent) * (now.getTime() - since)) / spent
  return end >= Date.parse(limit.resets_at) ? "enough" : new Date(end)
}
