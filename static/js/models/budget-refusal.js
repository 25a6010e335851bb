// Why the budget refused a question, and the ways out. Knows nothing of the DOM.

import { amount, boundsOf, portion, resetWords } from "models/budget-view.js"

/** @typedef {{title: string, words: string}} Said */

const BY_ALL = { group: "Your group's shared budget is used up.", workspace: "The workspace's budget is used up." }

/** @param {Refusal} refusal @param {Date} now @returns {Said} who, what and when */
export function explain(refusal, now) {
  const { reason, scope = "you", resets_at } = refusal
  if (reason === "in_flight") return { title: "A running answer has reserved the rest of your budget.", words: "It usually frees up in a few seconds." }
  if (scope !== "you") return { title: BY_ALL[scope], words: `Your admin can raise it.${resetWords(resets_at, now)}` }
  if (reason === "blocked") return { title: "An admin has paused AI use for your account.", words: "" }
  if (refusal.limit === undefined) return { title: "Your budget does not allow it.", words: refusal.detail }
  return ownWords(refusal, now)
}

/** @param {Refusal} refusal @param {Date} now @returns {Said} */
function ownWords(refusal, now) {
  const { reason, unit = "tokens", limit = 0, needed = 0, resets_at } = refusal
  const left = leftAt(refusal)
  const resets = resetWords(resets_at, now)
  if (left <= 0) return { title: `You have used your ${amount(limit, unit)}.`, words: resets.trim() }
  const needs = `This needs about ${amount(needed, unit)}; ${portion(left, limit, unit)} are left.`
  if (reason === "request_too_large") return { title: "This chat is too long for what is left of your budget.", words: `${needs} A new chat or a shorter message needs less.` }
  return { title: "Your budget does not reach.", words: `${needs}${resets}` }
}

/** @param {Refusal} refusal */
function leftAt({ limit = 0, used = 0, reserved = 0 }) {
  return limit - used - reserved
}

/** @param {Refusal} refusal @param {string} way */
export function offers(refusal, way) {
  return Boolean(refusal.actions?.includes(way))
}

/**
 * Another model helps where money is short, not where tokens are.
 * @param {Refusal} refusal @param {Model[]} models @param {Record<string, number>} prices @param {string} chosen @returns {Model | null}
 */
export function cheaperModel(refusal, models, prices, chosen) {
  if (refusal.unit !== "micro_usd" || !offers(refusal, "cheaper_model")) return null
  const priced = models.filter(({ id }) => prices[id] < (prices[chosen] ?? 0))
  return priced.sort((one, other) => prices[one.id] - prices[other.id])[0] ?? null
}

/**
 * Whether what was refused fits now. Of what others share no figures come with a refusal: there any change for the better counts.
 * @param {Refusal} refusal @param {Budget} before as it was when that was refused @param {Budget} now
 */
export function hasRoom(refusal, before, now) {
  if (refusal.scope === "workspace") return before.workspace === "out" && now.workspace !== "out"
  const left = leftOf(refusal, now)
  return refusal.needed === undefined ? left > leftOf(refusal, before) : left >= refusal.needed
}

/** @param {Refusal} refusal @param {Budget} budget @returns {number} Infinity where nothing is limited any more */
function leftOf({ scope = "you", unit = "tokens" }, { limits }) {
  const bounds = limits.filter((limit) => limit.scope === scope).flatMap(boundsOf)
  return bounds.find((bound) => bound.unit === unit)?.left ?? Infinity
}

/** What became of asking for more, as far as it matters in this period. @param {Budget | null} budget @returns {BudgetRequest | null} */
export function currentRequest(budget) {
  const since = budget?.limits.find(({ scope }) => scope === "you")?.starts_at ?? ""
  const request = budget?.request ?? null
  return request && (request.state === "open" || Date.parse(request.decided_at ?? "") >= Date.parse(since)) ? request : null
}
