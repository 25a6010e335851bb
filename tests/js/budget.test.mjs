import assert from "node:assert/strict"
import { test } from "node:test"

import { ApiError, problemOf } from "lib/api.js"
import { patiently } from "models/budget-patience.js"
import { cheaperModel, currentRequest, explain, hasRoom } from "models/budget-refusal.js"
import { labelOf, messagesLeft, meterOf, suggestions, tightest } from "models/budget-view.js"
import { BudgetWatch } from "models/budget-watch.js"
import { byModel, chartOf, lastsUntil, tick } from "models/usage-view.js"

import { settled } from "./shapes.mjs"

const NOW = new Date(2026, 10, 21, 15)
const RESETS = new Date(2026, 11, 1).toISOString()

const limit = (fields) => ({ scope: "you", period: "month", starts_at: new Date(2026, 10, 1).toISOString(), resets_at: RESETS, limit_tokens: null, spent_tokens: 0, held_tokens: 0, limit_micro_usd: null, spent_micro_usd: 0, held_micro_usd: 0, state: "ok", ...fields })
const budget = (fields, more) => ({ limits: [limit(fields)], workspace: "ok", typical: null, prices: {}, request: null, ...more })
const refusal = (fields) => ({ code: "budget_exceeded", detail: "No.", reason: "limit_reached", scope: "you", unit: "tokens", limit: 1000, used: 1000, reserved: 0, needed: 600, resets_at: RESETS, actions: ["wait", "shorter", "cheaper_model", "request_more"], ...fields })
const wordsOf = (fields, more) => {
  const meter = meterOf(budget(fields, more), NOW)
  return meter && [meter.words.replace("\u00a0", " "), meter.more, meter.tone]
}

test("a meter says how much is left and when it starts afresh, and hides where nothing is limited", () => {
  assert.deepEqual(wordsOf({ limit_tokens: 200_000, spent_tokens: 76_000 }), ["62 % left", "resets 1 December", ""])
  assert.equal(wordsOf({}), null)
  assert.deepEqual(wordsOf({ limit_tokens: 100, spent_tokens: 10, period: "total", resets_at: null }), ["90 % left", "", ""])
})

test("it is coloured from 80 percent, and counts messages from 95", () => {
  const typical = { typical: { tokens: 7, micro_usd: 0 } }
  assert.deepEqual(wordsOf({ limit_tokens: 1000, spent_tokens: 799 }, typical), ["20 % left", "resets 1 December", ""])
  assert.deepEqual(wordsOf({ limit_tokens: 1000, spent_tokens: 800 }, typical), ["20 % left", "resets 1 December", "warn"])
  assert.deepEqual(wordsOf({ limit_tokens: 1000, spent_tokens: 955 }, typical), ["4 % left", "about 6 messages", "warn"])
  assert.deepEqual(wordsOf({ limit_tokens: 1000, spent_tokens: 995 }, typical), ["Under 1 % left", "less than a message", "warn"])
  assert.deepEqual(wordsOf({ limit_tokens: 1000, spent_tokens: 1200 }, typical), ["Used up", "resets 1 December", "bad"])
})

test("blocked and a workspace without money are said as words", () => {
  assert.deepEqual(wordsOf({ limit_tokens: 0, state: "blocked" }), ["Paused", "", "bad"])
  assert.deepEqual(wordsOf({}, { workspace: "out" }), ["Workspace used up", "", "bad"])
})

test("of several limits the one that is used up most is shown, and messages are counted by the one that ends first", () => {
  const both = budget({ limit_tokens: 1000, spent_tokens: 100, limit_micro_usd: 5000, spent_micro_usd: 4000 }, { typical: { tokens: 300, micro_usd: 2 } })
  assert.equal(tightest(both).unit, "micro_usd")
  assert.equal(messagesLeft(both), 3)
})

test("a screen reader hears all figures", () => {
  const [bound] = [tightest(budget({ limit_tokens: 200_000, spent_tokens: 76_000, held_tokens: 4_000 }))]
  assert.equal(labelOf(bound, NOW), "Your budget this month: 76,000 of 200,000 tokens spent, 4,000 tokens reserved by running answers, 120,000 tokens left. Resets on 1 December at 00:00.")
})

test("a refusal says who, what and when", () => {
  assert.deepEqual(explain(refusal({}), NOW), { title: "You have used your 1,000 tokens.", words: "Resets on 1 December at 00:00." })
  assert.equal(explain(refusal({ used: 700 }), NOW).words, "This needs about 600 tokens; 300 of 1,000 tokens are left. Resets on 1 December at 00:00.")
  assert.match(explain(refusal({ reason: "request_too_large", used: 900 }), NOW).title, /too long/)
  assert.match(explain(refusal({ scope: "workspace", limit: undefined }), NOW).title, /workspace's budget is used up/)
  assert.match(explain(refusal({ reason: "blocked", limit: 0 }), NOW).title, /paused/)
  assert.equal(explain({ code: "budget_exceeded", detail: "Something new." }, NOW).words, "Something new.")
})

test("there is room as soon as what was refused fits", () => {
  const full = budget({ limit_tokens: 1000, spent_tokens: 900, held_tokens: 100 })
  assert.equal(hasRoom(refusal({}), full, full), false)
  assert.equal(hasRoom(refusal({}), full, budget({ limit_tokens: 1600, spent_tokens: 900 })), true)
  assert.equal(hasRoom(refusal({}), full, budget({ spent_tokens: 900 })), true)
  const shared = (spent) => budget({ scope: "group", limit_tokens: 1000, spent_tokens: spent })
  const theirs = refusal({ scope: "group", needed: undefined })
  assert.deepEqual([hasRoom(theirs, shared(990), shared(990)), hasRoom(theirs, shared(990), shared(500))], [false, true])
  assert.equal(hasRoom(refusal({ scope: "workspace" }), budget({}, { workspace: "out" }), budget({})), true)
})

test("a cheaper model is a way out where money is short", () => {
  const models = [{ id: "flash", name: "Flash" }, { id: "pro", name: "Pro" }, { id: "lite", name: "Lite" }]
  const prices = { flash: 9, pro: 12, lite: 1 }
  const short = refusal({ unit: "micro_usd" })
  assert.equal(cheaperModel(short, models, prices, "pro").id, "lite")
  assert.equal(cheaperModel(short, models, prices, "lite"), null)
  assert.equal(cheaperModel(refusal({}), models, prices, "pro"), null)
})

test("amounts to ask for are round and fit the limit", () => {
  assert.deepEqual(suggestions(budget({ limit_tokens: 200_000 })), { unit: "tokens", amounts: [50_000, 100_000, 200_000] })
  assert.deepEqual(suggestions(budget({ limit_micro_usd: 20_000_000 })).unit, "micro_usd")
  assert.deepEqual(suggestions(budget({ limit_tokens: 900 })).amounts, [1000])
})

test("what was asked for in an earlier period is history", () => {
  const decided = (at, state = "declined") => budget({}, { request: { state, decided_at: at, tokens: 1 } })
  assert.equal(currentRequest(decided(new Date(2026, 9, 3).toISOString())), null)
  assert.equal(currentRequest(decided(new Date(2026, 10, 3).toISOString())).state, "declined")
  assert.equal(currentRequest(decided(null, "open")).state, "open")
})

const refused = (reason) => new ApiError(402, refusal({ reason }))

test("a budget that a running answer has reserved is waited for up to five seconds", async () => {
  const waits = []
  const wait = async (ms) => void waits.push(ms)
  let asked = 0
  assert.equal(await patiently(async () => (++asked < 3 ? Promise.reject(refused("in_flight")) : "sent"), wait), "sent")
  await assert.rejects(patiently(async () => Promise.reject(refused("in_flight")), wait))
  assert.deepEqual([asked, waits.length], [3, 2 + 5])
  await assert.rejects(patiently(async () => Promise.reject(refused("limit_reached")), wait))
  assert.equal(waits.length, 7)
})

test("a refusal's figures come with the problem", () => {
  assert.equal(problemOf(refused("limit_reached")).refusal.needed, 600)
  assert.equal(problemOf(new ApiError(503, { detail: "Away." })).refusal, undefined)
})

test("the budget is asked for at once, then at most every two seconds, and once for all changes meanwhile", async () => {
  let time = 10_000
  const asked = []
  const api = { get: async () => (asked.push(time), budget({})) }
  const watch = new BudgetWatch(api, { now: () => time, wait: async (ms) => void (time += ms) })
  const first = watch.need()
  watch.need()
  watch.need()
  await first
  time += 5000
  await watch.need()
  assert.deepEqual(asked, [10_000, 12_000, 17_000])
})

test("a budget that cannot be read stays as it was", async () => {
  const answers = [budget({ limit_tokens: 5 }), new Error("offline")]
  const watch = new BudgetWatch({ get: async () => { const next = answers.shift(); if (next instanceof Error) throw next; return next } }, { wait: async () => {} })
  await watch.need()
  await watch.need()
  await settled()
  assert.equal(watch.budget.limits[0].limit_tokens, 5)
})

const used = (day, model, tokens, micro_usd = 0) => ({ day, model, tokens, micro_usd, calls: 1, estimated_tokens: 0 })

test("a chart has a column for each day, most used model first, and a round scale", () => {
  const days = [used("2026-11-20", "flash", 10), used("2026-11-21", "pro", 250), used("2026-11-21", "flash", 60)]
  const chart = chartOf(days, "2026-11-21", 3, "tokens")
  assert.deepEqual(chart.models, ["pro", "flash"])
  assert.deepEqual(chart.columns.map(({ day, total }) => [day, total]), [["2026-11-19", 0], ["2026-11-20", 10], ["2026-11-21", 310]])
  assert.deepEqual(chart.ticks, [0, 100, 200, 300, 400])
})

test("more models than shades are put together, but listed one by one", () => {
  const days = ["a", "b", "c", "d"].map((model, at) => used("2026-11-21", model, 100 - at))
  assert.deepEqual(chartOf(days, "2026-11-21", 1, "tokens").columns[0].parts, [{ model: "a", value: 100 }, { model: "b", value: 99 }, { model: "Others", value: 98 + 97 }])
  assert.deepEqual(byModel(days, "tokens").map(({ model }) => model), ["a", "b", "c", "d"])
})

test("the scale is short", () => {
  assert.deepEqual([tick(1_500_000, "tokens"), tick(400_000, "micro_usd"), tick(2_500_000, "micro_usd"), tick(0, "micro_usd")], ["1.5M", "$0.4", "$2.5", "$0"])
})

test("how long it lasts at this pace", () => {
  const at = (spent, resets_at = RESETS) => lastsUntil(tightest(budget({ limit_tokens: 1000, spent_tokens: spent, resets_at })), new Date(2026, 10, 11))
  assert.deepEqual(at(800), new Date(2026, 10, 13, 12))
  assert.deepEqual([at(100), at(0), at(1000), at(800, null)], ["enough", null, null, null])
})
