// Draws what was used: a chart whose bars are in per cent, lists and tables.

import { find, fromTemplate } from "lib/dom.js"
import { dollars } from "lib/figures.js"
import { fullDate } from "lib/time.js"
import { amount, requested } from "models/budget-view.js"
import { modelName } from "models/turn-view.js"
import { dayLabel, tick } from "models/usage-view.js"

/** From the base up, dark to light. */
const SHADES = ["a", "b", "c"]
const FLOOR = 88
const LABELS = 10
const STATES = { open: { tone: "live", word: "Sent" }, granted: { tone: "ok", word: "Granted" }, declined: { tone: "bad", word: "Declined" }, withdrawn: { tone: "", word: "Withdrawn" } }

/** "gemini-3.1-pro-preview" is "3.1 Pro" here: the page does not know the models' own names. @param {string} model an id */
const shortName = (model) => modelName(model, []).replace(/-preview$/, "").replaceAll("-", " ").replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
function shape(tag, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.textContent = text
  return made
}

/** @param {SVGElement} svg @param {import("models/usage-view.js").Chart} chart @param {Unit} unit */
export function drawChart(svg, { columns, top, ticks }, unit) {
  const height = (/** @type {number} */ value) => (FLOOR * value) / top
  const lines = ticks.flatMap((value) => [
    shape("line", { x1: "0", x2: "100%", y1: `${FLOOR - height(value)}%`, y2: `${FLOOR - height(value)}%` }),
    shape("text", { x: -8, y: `${FLOOR - height(value)}%`, dy: "0.32em", "text-anchor": "end" }, tick(value, unit)),
  ])
  svg.replaceChildren(...lines, ...columns.flatMap((column, at) => bar(column, at, columns.length, height)))
}

/** @param {import("models/usage-view.js").Column} column @param {number} at @param {number} count @param {(value: number) => number} height */
function bar({ day, parts }, at, count, height) {
  const width = 100 / count
  let floor = FLOOR
  const pieces = parts.map(({ value }, kind) => shape("rect", { class: SHADES[kind], x: `${(at + 0.15) * width}%`, width: `${0.7 * width}%`, y: `${(floor -= height(value))}%`, height: `${height(value)}%` }))
  const steps = (count - 1 - at) / Math.ceil(count / LABELS)
  if (!Number.isInteger(steps)) return pieces
  const place = steps ? { x: `${(at + 0.5) * width}%`, "text-anchor": "middle" } : { x: "100%", "text-anchor": "end" }
  return [...pieces, shape("text", { ...place, class: steps % 2 ? "alt" : "", y: "98%" }, dayLabel(day))]
}

/** @param {HTMLElement} list @param {string[]} models */
export function drawLegend(list, models) {
  list.replaceChildren(...models.map((model, kind) => made("li", shortName(model), SHADES[kind])))
}

/** @param {HTMLElement} list @param {import("models/usage-view.js").Part[]} parts @param {Unit} unit */
export function drawModels(list, parts, unit) {
  const most = Math.max(1, ...parts.map(({ value }) => value))
  list.replaceChildren(...parts.flatMap(({ model, value }) => [made("span", shortName(model)), meter((100 * value) / most), made("strong", amount(value, unit))]))
  if (!parts.length) list.replaceChildren(made("p", "Nothing was used yet.", "quiet"))
}

/** @param {number} percent */
function meter(percent) {
  const ticks = fromTemplate("usage-bar")
  find(ticks, ".spent").setAttribute("width", `${percent}%`)
  return ticks
}

/** @param {HTMLElement} body @param {UsedDay[]} days newest first in the table */
export function fillDays(body, days) {
  const rows = days.toReversed().map(({ day, model, calls, tokens, micro_usd, estimated_tokens }) => [dayLabel(day), shortName(model), whole(calls), `${estimated_tokens ? "about " : ""}${whole(tokens)}`, dollars(micro_usd)])
  body.replaceChildren(...rows.map((cells) => row(cells, ["", "", "number minor", "number", "number"])))
}

/** @param {HTMLElement} section @param {BudgetPeriod[]} periods */
export function fillPeriods(section, periods) {
  section.hidden = !periods.length
  const rows = periods.map((period) => [spanOf(period), whole(period.spent_tokens), limitOf(period.limit_tokens, whole), dollars(period.spent_micro_usd), limitOf(period.limit_micro_usd, dollars)])
  find(section, "tbody").replaceChildren(...rows.map((cells) => row(cells, ["", "number", "number minor", "number", "number minor"])))
}

/** @param {BudgetPeriod} period */
function spanOf({ period, starts_at, ends_at }) {
  const last = new Date(Date.parse(ends_at) - 1)
  return period === "day" ? fullDate(last) : `${fullDate(new Date(starts_at))} to ${fullDate(last)}`
}

/** @param {number} count */
function whole(count) {
  return count.toLocaleString("en-US")
}

/** @param {number | null} limit @param {(value: number) => string} say */
function limitOf(limit, say) {
  return limit === null ? "Unlimited" : say(limit)
}

/** @param {string[]} cells @param {string[]} classes */
function row(cells, classes) {
  const line = document.createElement("tr")
  line.append(...cells.map((text, at) => (at ? made("td", text, classes[at]) : Object.assign(made("th", text), { scope: "row" }))))
  return line
}

/** @param {HTMLElement} section @param {BudgetRequest[]} requests */
export function fillRequests(section, requests) {
  section.hidden = !requests.length
  find(section, "ul").replaceChildren(...requests.map(requestRow))
}

/** @param {BudgetRequest} request */
function requestRow(request) {
  const line = fromTemplate("usage-request")
  const { tone, word } = STATES[request.state]
  find(line, "[data-amount]").textContent = requested(request)
  find(line, "[data-words]").textContent = [fullDate(new Date(request.created_at)), request.message, request.note && `Answer: ${request.note}`].filter(Boolean).join(" · ")
  Object.assign(find(line, ".chip"), { textContent: word }).dataset.tone = tone
  find(line, "button").hidden = request.state !== "open"
  find(line, "button").dataset.withdraw = request.id
  return line
}

/** @param {string} tag @param {string} text @param {string} [className] */
function made(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className })
}
