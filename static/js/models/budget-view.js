// A budget in words and shares. Knows nothing of the DOM.

import { counted, dollars } from "lib/figures.js"
import { resetTime } from "lib/time.js"

/** One limit in one unit. left: what is neither spent nor held. @typedef {{limit: BudgetLimit, unit: Unit, most: number, spent: number, held: number, left: number, percentSpent: number, percentHeld: number}} Bound */
/** @typedef {{percentSpent: number, percentHeld: number, tone: "" | "warn" | "bad", words: string, more: string, label: string}} Meter */

/** @type {Unit[]} */
const UNITS = ["tokens", "micro_usd"]
const WARN_FROM = 80
const COUNT_FROM = 95
const PERIODS = { day: "today", week: "this week", month: "this month", total: "in total" }

/** @param {number} value @param {Unit} unit @returns {string} "200,000 tokens" or "$1.25" */
export function amount(value, unit) {
  return unit === "tokens" ? counted(value, "token") : dollars(value)
}

/** @param {number} part @param {number} whole @param {Unit} unit @returns {string} "76,000 of 200,000 tokens" or "$1.25 of $20.00" */
export function portion(part, whole, unit) {
  return `${unit === "tokens" ? part.toLocaleString("en-US") : dollars(part)} of ${amount(whole, unit)}`
}

/** @param {BudgetLimit} limit @returns {Bound[]} one for each unit that is limited */
export function boundsOf(limit) {
  return UNITS.filter((unit) => limit[`limit_${unit}`] !== null).map((unit) => boundOf(limit, unit))
}

/** @param {BudgetLimit} limit @param {Unit} unit @returns {Bound} */
function boundOf(limit, unit) {
  const most = /** @type {number} */ (limit[`limit_${unit}`])
  const spent = limit[`spent_${unit}`]
  const held = limit[`held_${unit}`]
  const percentSpent = share(spent, most)
  return { limit, unit, most, spent, held, left: Math.max(0, most - spent - held), percentSpent, percentHeld: Math.min(share(held, most), 100 - percentSpent) }
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole ? Math.min(100, (100 * part) / whole) : 100
}

/** @param {Budget} budget @returns {Bound | null} the one that is used up most; null: unlimited */
export function tightest({ limits }) {
  const bounds = limits.flatMap(boundsOf)
  return bounds.reduce((worst, bound) => (!worst || bound.percentSpent > worst.percentSpent ? bound : worst), /** @type {Bound | null} */ (null))
}

/** @param {Bound} bound @returns {"" | "warn" | "bad"} */
export function toneOf({ percentSpent }) {
  if (percentSpent >= 100) return "bad"
  return percentSpent >= WARN_FROM ? "warn" : ""
}

/** @param {Budget} budget @param {Date} now @returns {Meter | null} null: there is nothing to show */
export function meterOf(budget, now) {
  const bound = tightest(budget)
  if (budget.workspace === "out" && bound?.limit.state !== "blocked") return USED_UP_BY_ALL
  return bound && { percentSpent: bound.percentSpent, percentHeld: bound.percentHeld, tone: toneOf(bound), words: shortly(bound), more: moreOf(bound, budget, now), label: labelOf(bound, now) }
}

/** @type {Meter} */
const USED_UP_BY_ALL = { percentSpent: 100, percentHeld: 0, tone: "bad", words: "Workspace used up", more: "", label: "The workspace's budget is used up. Your admin can raise it." }

/** @param {Bound} bound */
function shortly({ limit, percentSpent, most, spent }) {
  if (limit.state === "blocked") return "Paused"
  if (spent >= most) return "Used up"
  return percentSpent > 99 ? "Under 1\u00a0% left" : `${Math.floor(100 - percentSpent)}\u00a0% left`
}

/** @param {Bound} bound @param {Budget} budget @param {Date} now */
function moreOf({ limit, percentSpent }, budget, now) {
  const count = percentSpent >= COUNT_FROM ? messagesLeft(budget) : null
  if (count !== null && percentSpent < 100) return count ? `about ${counted(count, "message")}` : "less than a message"
  return limit.resets_at && limit.state !== "blocked" ? `resets ${resetTime(new Date(limit.resets_at), now)}` : ""
}

/** @param {Budget} budget @returns {number | null} how many more like the last ones */
export function messagesLeft({ limits, typical }) {
  if (!typical) return null
  const counts = limits.flatMap(boundsOf).map(({ most, spent, unit }) => (typical[unit] ? Math.floor(Math.max(0, most - spent) / typical[unit]) : Infinity))
  const least = Math.min(...counts)
  return Number.isFinite(least) ? least : null
}

/** @param {Bound} bound @param {Date} now @returns {string} all of it, for a screen reader and on hover */
export function labelOf({ limit, unit, most, spent, held, left }, now) {
  const whose = limit.scope === "you" ? "Your budget" : "Your group's budget"
  if (limit.state === "blocked") return `${whose} is 0: an admin has paused AI use.`
  const figures = `${whose} ${PERIODS[limit.period]}: ${portion(spent, most, unit)} spent`
  const reserved = held ? `, ${amount(held, unit)} reserved by running answers` : ""
  return `${figures}${reserved}, ${amount(left, unit)} left.${resetWords(limit.resets_at, now)}`
}

/** @param {string | null | undefined} at @param {Date} now @returns {string} " Resets on 1 December at 00:00." */
export function resetWords(at, now) {
  return at ? ` Resets ${resetTime(new Date(at), now, true)}.` : ""
}

/** @param {Budget} budget @param {Unit} [wanted] @returns {{unit: Unit, amounts: number[]}} round amounts that somebody may ask for */
export function suggestions(budget, wanted) {
  const bound = tightest({ ...budget, limits: budget.limits.filter(({ scope }) => scope === "you") })
  const unit = wanted ?? bound?.unit ?? "tokens"
  const limit = budget.limits.find(({ scope }) => scope === "you")?.[`limit_${unit}`]
  const base = limit || USUAL[unit]
  return { unit, amounts: [...new Set([base / 4, base / 2, base].map((value) => round(value, unit)))] }
}

const USUAL = { tokens: 200_000, micro_usd: 10_000_000 }
const STEP = { tokens: 1000, micro_usd: 100_000 }

/** To two digits, and never less than a step. @param {number} value @param {Unit} unit */
function round(value, unit) {
  return Math.max(STEP[unit], Number(value.toPrecision(2)))
}

/** @param {BudgetRequest} request @returns {string} "50,000 tokens" */
export function requested({ tokens, micro_usd }) {
  return [tokens && amount(tokens, "tokens"), micro_usd && amount(micro_usd, "micro_usd")].filter(Boolean).join(" and ")
}
