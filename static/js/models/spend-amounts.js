// Amounts of spending in words, and back. Whole tokens and whole micro-dollars; null is unlimited, 0 is blocked.

import { dollars } from "lib/figures.js"

const whole = new Intl.NumberFormat("en-US")
const PERIODS = /** @type {Record<string, string>} */ ({ day: "a day", week: "a week", month: "a month", total: "in total" })
const SCALES = /** @type {Record<string, number>} */ ({ "": 1, k: 1e3, m: 1e6, b: 1e9 })
export const STATES = /** @type {Record<string, {word: string, tone: string}>} */ ({
  ok: { word: "On track", tone: "ok" },
  near: { word: "Near limit", tone: "warn" },
  out: { word: "Out", tone: "bad" },
  over: { word: "Over", tone: "bad" },
  blocked: { word: "Blocked", tone: "bad" },
  unlimited: { word: "Unlimited", tone: "" },
})

/** @param {number} count @returns {string} "842", "12.4 k", "1.24 M" */
export function compact(count) {
  const size = Math.abs(count)
  if (size < 10_000) return whole.format(count)
  const [unit, scale] = size < 999_500 ? ["k", 1e3] : size < 999_500_000 ? ["M", 1e6] : ["G", 1e9]
  return `${Number((count / Number(scale)).toPrecision(3))} ${unit}`
}

/** @param {number} micro @returns {string} "$12.40", "$1,204.00", "$0.023", "$0" */
export function money(micro) {
  if (micro === 0) return "$0"
  if (micro < 0) return `−${money(-micro)}`
  return micro < 1_000_000_000 ? dollars(micro) : `$${whole.format(Math.round(micro / 1e4) / 100)}`
}

/** To the last micro-dollar. @param {number} micro */
export function exactly(micro) {
  const [left, right = ""] = (Math.abs(micro) / 1e6).toFixed(6).split(".")
  return `${micro < 0 ? "−" : ""}$${whole.format(Number(left))}.${right.replace(/0{1,4}$/, "")}`
}

/** @param {number | null} tokens @param {number | null} micro @returns {string} "$20.00 and 1.2 M tokens" */
export function amountWords(tokens, micro) {
  const parts = [micro === null ? "" : money(micro), tokens === null ? "" : `${compact(tokens)} tokens`]
  return parts.filter(Boolean).join(" and ")
}

/** @param {number | null} tokens @param {number | null} micro @param {string} [period] */
export function limitWords(tokens, micro, period) {
  if (tokens === null && micro === null) return "Unlimited"
  if (tokens === 0 || micro === 0) return "Blocked"
  return period ? `${amountWords(tokens, micro)} ${PERIODS[period]}` : amountWords(tokens, micro)
}

/** @param {any} rule as an audit row keeps it */
export function ruleWords(rule) {
  if (rule === null) return "the default"
  return limitWords(rule.limit_tokens, rule.limit_micro_usd, rule.period)
}

/** @param {string} unit "tokens" or "micro_usd" @param {number | null} value */
export function meaning(unit, value) {
  if (value === null) return "Unlimited"
  if (value === 0) return "Blocked"
  return unit === "tokens" ? `${whole.format(value)} tokens` : exactly(value)
}

/**
 * "" is null; "20", "$1,250.50", "1.2M", "200k".
 * @param {string} text @param {string} unit "tokens" or "micro_usd"
 * @returns {number | null | undefined} undefined: this is no amount
 */
export function parseAmount(text, unit) {
  const plain = text.trim().toLowerCase().replace(/[\s,_$]|tokens?$/g, "")
  if (!plain) return null
  const [, left, , right = "", scale] = /^(\d{1,12})(\.(\d{0,9}))?([kmb]?)$/.exec(plain) ?? []
  if (left === undefined) return undefined
  const unitScale = SCALES[scale] * (unit === "tokens" ? 1 : 1e6)
  const amount = Number(left) * unitScale + Number(`0.${right || 0}`) * unitScale
  return Math.abs(amount - Math.round(amount)) < 1e-6 && amount <= 1e15 ? Math.round(amount) : undefined
}

/** For a field. @param {string} unit @param {number | null} value */
export function toField(unit, value) {
  if (value === null) return ""
  return unit === "tokens" ? whole.format(value) : String(value / 1e6)
}

/** @param {Counters & {granted_tokens?: number, granted_micro_usd?: number}} row what holds: limit and grants */
export function mostOf(row) {
  const plus = (/** @type {number | null} */ limit, /** @type {number} */ granted = 0) => (limit === null ? null : limit + granted)
  return { tokens: plus(row.limit_tokens, row.granted_tokens), micro_usd: plus(row.limit_micro_usd, row.granted_micro_usd) }
}

/**
 * The parts of a bar in per cent, of the unit that is nearest to its limit.
 * @param {Counters & {granted_tokens?: number, granted_micro_usd?: number}} row
 */
export function partsOf(row) {
  const most = mostOf(row)
  const parts = [part(row.spent_micro_usd, row.held_micro_usd, most.micro_usd), part(row.spent_tokens, row.held_tokens, most.tokens)]
  return parts.reduce((one, other) => (other.spent + other.held > one.spent + one.held ? other : one))
}

/** @param {number} spent @param {number} held @param {number | null} most */
function part(spent, held, most) {
  if (!most) return { spent: most === 0 ? 100 : 0, held: 0 }
  const share = Math.min(100, (spent / most) * 100)
  return { spent: share, held: Math.min(100 - share, (held / most) * 100) }
}

/** @param {string | null} end @param {number} now @returns {string} "3 d 4 h", "4 h 10 min", "never" */
export function until(end, now) {
  if (!end) return "never"
  const minutes = Math.max(0, Math.round((Date.parse(end) - now) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days) return `${days} d ${hours} h`
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}

/** @param {number[]} values @returns {{line: string, area: string}} paths in a box of 100 by 28 */
export function sparkPaths(values) {
  const most = Math.max(...values, 1)
  const points = values.map((value, at) => `${((at * 100) / Math.max(values.length - 1, 1)).toFixed(1)} ${(26 - (value * 24) / most).toFixed(1)}`)
  return { line: `M${points.join("L")}`, area: `M0 28L${points.join("L")}L100 28Z` }
}
