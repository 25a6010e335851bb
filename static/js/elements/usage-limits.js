// The panels of the limits that bind.

import { counted, dollars } from "lib/figures.js"
import { find, fromTemplate } from "lib/dom.js"
import { fullDate } from "lib/time.js"
import { amount, boundsOf, labelOf, resetWords, toneOf } from "models/budget-view.js"
import { lastsUntil, tick } from "models/usage-view.js"

const WHEN = { day: "today", week: "this week", month: "this month", total: "in all" }
const WORDS = { ok: { tone: "ok", word: "Enough left" }, near: { tone: "warn", word: "Nearly used up" }, out: { tone: "bad", word: "Used up" } }

/** @param {Budget} budget @param {Date} now @returns {HTMLElement[]} */
export function limitPanels({ limits }, now) {
  return limits.flatMap((limit) => (boundsOf(limit).length ? boundsOf(limit).map((bound) => limited(bound, now)) : [unlimited(limit)]))
}

/** @param {import("models/budget-view.js").Bound} bound @param {Date} now */
function limited(bound, now) {
  const { limit, unit, most, spent, held, left } = bound
  const panel = fromTemplate("usage-limit")
  const whose = limit.scope === "you" ? "" : " to your group"
  panel.setAttribute("aria-label", `${limit.scope === "you" ? "Your budget" : "Your group's budget"} in ${unit === "tokens" ? "tokens" : "dollars"}`)
  fill(panel, { name: limit.state === "blocked" ? "Paused by an admin" : `Left${whose} ${WHEN[limit.period]}`, number: amount(left, unit), spent: amount(spent, unit), held: amount(held, unit), most: amount(most, unit), start: tick(0, unit), middle: tick(most / 2, unit), end: tick(most, unit) })
  find(panel, "[data-resets]").textContent = `${paceOf(bound, now)}${resetWords(limit.resets_at, now)}`.trim()
  drawMeter(find(panel, ".meter"), bound, now)
  return panel
}

/** @param {SVGElement & HTMLElement} meter @param {import("models/budget-view.js").Bound} bound @param {Date} now */
function drawMeter(meter, bound, now) {
  const { percentSpent, percentHeld } = bound
  if (toneOf(bound)) meter.dataset.tone = toneOf(bound)
  meter.toggleAttribute("data-live", percentHeld > 0)
  meter.setAttribute("aria-label", labelOf(bound, now))
  meter.setAttribute("aria-valuenow", String(Math.round(percentSpent)))
  find(meter, ".spent").setAttribute("width", `${percentSpent}%`)
  find(meter, ".held").setAttribute("x", `${percentSpent}%`)
  find(meter, ".held").setAttribute("width", `${percentHeld}%`)
}

/** @param {import("models/budget-view.js").Bound} bound @param {Date} now */
function paceOf(bound, now) {
  const until = lastsUntil(bound, now)
  if (until === "enough") return "At this pace it is enough."
  return until ? `At this pace it lasts until ${fullDate(until)}.` : ""
}

/** @param {BudgetLimit} limit */
function unlimited({ scope, period, spent_tokens, spent_micro_usd }) {
  const panel = fromTemplate("usage-unlimited")
  fill(panel, { name: `${scope === "you" ? "Your" : "Your group's"} budget ${WHEN[period]}`, spent: counted(spent_tokens, "token"), cost: dollars(spent_micro_usd) })
  return panel
}

/** @param {HTMLElement} panel @param {Record<string, string>} words */
function fill(panel, words) {
  for (const [name, text] of Object.entries(words)) find(panel, `[data-${name}]`).textContent = text
}

/** @param {HTMLElement} line @param {Budget} budget */
export function workspaceWord(line, { workspace }) {
  const { tone, word } = WORDS[workspace]
  line.hidden = workspace === "ok"
  find(line, ".chip").dataset.tone = tone
  find(line, ".chip").textContent = word
}
