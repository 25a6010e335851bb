import assert from "node:assert/strict"
import { test } from "node:test"

import { amountWords, compact, exactly, limitWords, meaning, money, parseAmount, partsOf, sparkPaths, toField, until } from "models/spend-amounts.js"
import { sampleCost, simulation } from "models/spend-sample.js"

const row = (fields) => ({ limit_tokens: null, limit_micro_usd: null, spent_tokens: 0, spent_micro_usd: 0, held_tokens: 0, held_micro_usd: 0, ...fields })

test("what staff type is an exact amount, or none", () => {
  const typed = { "": null, 0: 0, 20: 20_000_000, "$1,250.50": 1_250_500_000, "0.000001": 1, "1.005": 1_005_000, "2k": 2_000_000_000 }
  for (const [text, micro] of Object.entries(typed)) assert.equal(parseAmount(text, "micro_usd"), micro, text)
  const tokens = { "200k": 200_000, "1.5M": 1_500_000, "1,000 tokens": 1_000, " ": null }
  for (const [text, count] of Object.entries(tokens)) assert.equal(parseAmount(text, "tokens"), count, text)
})

test("what is no amount is refused", () => {
  for (const text of ["-1", "1e3", "abc", "1.2.3", "NaN", "99999999999B"]) assert.equal(parseAmount(text, "micro_usd"), undefined, text)
  assert.equal(parseAmount("1.5", "tokens"), undefined)
  assert.equal(parseAmount("0.0000001", "micro_usd"), undefined)
})

test("what a field is filled with is read back as it was", () => {
  for (const micro of [0, 1, 585_207, 20_000_000, 123_456_789_012]) assert.equal(parseAmount(toField("micro_usd", micro), "micro_usd"), micro)
  for (const tokens of [0, 1, 1_234_567]) assert.equal(parseAmount(toField("tokens", tokens), "tokens"), tokens)
  assert.equal(toField("tokens", null), "")
})

test("unlimited and blocked are words", () => {
  assert.equal(limitWords(null, null, "month"), "Unlimited")
  assert.equal(limitWords(null, 0, "month"), "Blocked")
  assert.equal(limitWords(1_200_000, 20_000_000, "month"), "$20.00 and 1.2 M tokens a month")
  assert.deepEqual([meaning("tokens", null), meaning("tokens", 0), meaning("tokens", 12_000)], ["Unlimited", "Blocked", "12,000 tokens"])
})

test("figures are short in lists and exact elsewhere", () => {
  assert.deepEqual([compact(842), compact(12_400), compact(1_240_000)], ["842", "12.4 k", "1.24 M"])
  assert.deepEqual([money(0), money(22_718), money(12_400_000), money(1_204_000_000)], ["$0", "$0.023", "$12.40", "$1,204"])
  assert.deepEqual([exactly(22_718), exactly(1_500_000), exactly(-500)], ["$0.022718", "$1.50", "−$0.0005"])
  assert.equal(amountWords(500, null), "500 tokens")
})

test("a bar shows the unit that is nearest to its limit, and never more than the whole", () => {
  assert.deepEqual(partsOf(row({ limit_tokens: 100, spent_tokens: 50, held_tokens: 20, limit_micro_usd: 100, spent_micro_usd: 10 })), { spent: 50, held: 20 })
  assert.deepEqual(partsOf(row({ limit_tokens: 100, spent_tokens: 150, held_tokens: 20 })), { spent: 100, held: 0 })
  assert.deepEqual(partsOf(row({ limit_micro_usd: 0 })), { spent: 100, held: 0 })
  assert.deepEqual(partsOf(row({ spent_tokens: 5 })), { spent: 0, held: 0 })
  assert.deepEqual(partsOf(row({ limit_tokens: 50, granted_tokens: 50, spent_tokens: 50 })), { spent: 50, held: 0 })
})

test("times until a reset are in two units", () => {
  const now = Date.parse("2026-11-21T00:00:00Z")
  assert.equal(until("2026-11-24T04:00:00Z", now), "3 d 4 h")
  assert.equal(until("2026-11-21T04:10:00Z", now), "4 h 10 min")
  assert.equal(until("2026-11-20T00:00:00Z", now), "0 min")
  assert.equal(until(null, now), "never")
})

test("a sample costs what the server would charge", () => {
  const pro = { prompt: 2_000_000, output: 12_000_000, long_prompt_tokens: 200_000, long_prompt: 4_000_000, long_output: 18_000_000 }
  assert.equal(sampleCost(pro, { prompt: 13, output: 1_891 }), 22_718)
  assert.equal(sampleCost(pro, { prompt: 250_000, output: 100 }), 1_001_800)
  assert.equal(simulation(pro, null, { prompt: 1_000, output: 500 }), "A message of 1,000 prompt and 500 answer tokens would cost $0.008.")
})

test("a line has the days' shape", () => {
  assert.equal(sparkPaths([0, 2]).line, "M0.0 26.0L100.0 2.0")
})
