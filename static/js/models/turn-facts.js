// What one answer used up, in rows.

import { counted, dollars } from "lib/figures.js"
import { duration } from "lib/time.js"
import { modelName } from "models/turn-view.js"

/** @param {Message} message @param {Model[]} models @returns {[string, string][]} name and figure; what is not known is left out */
export function factsOf({ completion, model }, models) {
  if (!completion) return []
  /** @type {[string, string][]} */
  const facts = [["Model", modelName(completion.model || model, models)], ...tokenFacts(completion.usage), ["Cost", costOf(completion)], ["Duration", timeOf(completion)], ["Limited by your budget to", limitOf(completion)]]
  return facts.filter(([, value]) => value)
}

/** @param {Usage | null} usage @returns {[string, string][]} */
function tokenFacts(usage) {
  if (!usage) return []
  const { prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, total_tokens, estimated } = usage
  const say = (/** @type {number} */ count) => `${estimated ? "about " : ""}${counted(count, "token")}`
  return [
    ["Prompt", say(prompt_tokens)],
    ["of it cached", cached_tokens ? say(cached_tokens) : ""],
    ["Answer", say(completion_tokens - (reasoning_tokens ?? 0))],
    ["Thoughts", reasoning_tokens ? say(reasoning_tokens) : ""],
    ["In all", `${say(total_tokens)}${estimated ? " (estimated)" : ""}`],
  ]
}

/** @param {Completion} completion */
function costOf({ cost_micro_usd, usage }) {
  if (cost_micro_usd === null) return ""
  return `${usage?.estimated ? "about " : ""}${dollars(cost_micro_usd)}`
}

/** @param {Completion} completion */
function timeOf({ started_at: from, finished_at: to }) {
  return from && to ? duration(Date.parse(to) - Date.parse(from)) : ""
}

/** @param {Completion} completion */
function limitOf({ max_output }) {
  return max_output ? counted(max_output, "token") : ""
}
