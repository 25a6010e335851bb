// What staff do to people's budgets, from wherever a person is shown.

import { emit } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { amountWords, limitWords } from "models/spend-amounts.js"
import { act, api } from "admin/office.js"

/** @param {Amounts} amounts @returns {Limits} */
const limitOf = ({ period, tokens, micro_usd }) => ({ period, limit_tokens: tokens, limit_micro_usd: micro_usd })

/** @param {Limits} limit @returns {Partial<Amounts>} */
export function amountsOf({ period, limit_tokens, limit_micro_usd }) {
  return { period, tokens: limit_tokens, micro_usd: limit_micro_usd }
}

/** @param {Spender} person @returns {Limits} the rule that holds for them */
export function ruleOf({ period, rule_tokens, rule_micro_usd }) {
  return { period, limit_tokens: rule_tokens, limit_micro_usd: rule_micro_usd }
}

/** @param {Spender} person */
export function askLimit(person) {
  emit(document, "amount.asked", {
    title: `Limit of ${person.name}`,
    words: person.has_own ? "This person has a limit of their own." : "So far the limit for everyone holds.",
    action: "Save",
    isLimit: true,
    given: amountsOf(ruleOf(person)),
    save: (/** @type {Amounts} */ amounts) => setLimit(person, limitOf(amounts), amounts.reason),
  })
}

/** @param {Spender} person @param {Limits} limit @param {string} [reason] */
export async function setLimit(person, limit, reason = "") {
  await api.put(`admin/users/${person.id}/budget`, { ...limit, reason })
  await act(Promise.resolve(), `${person.name}: ${limitWords(limit.limit_tokens, limit.limit_micro_usd, limit.period)}.`)
}

/** @param {Spender} person */
export function askGrant(person) {
  emit(document, "amount.asked", {
    title: `Extra for ${person.name}`,
    words: "For the running period only; then the limit holds again.",
    action: "Grant",
    isLimit: false,
    save: async (/** @type {Amounts} */ { tokens, micro_usd, reason }) => {
      await api.post(`admin/users/${person.id}/grants`, { tokens: tokens ?? 0, micro_usd: micro_usd ?? 0, reason }, { tries: 1 })
      await act(Promise.resolve(), `${person.name} has ${amountWords(tokens, micro_usd)} more.`)
    },
  })
}

/** @param {Spender} person */
export function block(person) {
  const limit = { period: person.period, limit_tokens: 0, limit_micro_usd: 0 }
  return act(api.put(`admin/users/${person.id}/budget`, { ...limit, reason: "" }), `${person.name} is blocked.`)
}

/** @param {Spender} person */
export function reset(person) {
  return act(api.delete(`admin/users/${person.id}/budget`), `${person.name} has the default again.`)
}

/** @param {Spender[]} people */
export function askBulkLimit(people) {
  emit(document, "amount.asked", {
    title: `Limit of ${counted(people.length, "person", "people")}`,
    words: "Each of them gets this limit of their own.",
    action: "Set for all",
    isLimit: true,
    given: people[0] ? amountsOf(ruleOf(people[0])) : {},
    preview: (/** @type {Amounts} */ amounts) => preview(people, limitOf(amounts)),
    save: (/** @type {Amounts} */ amounts) => setForAll(people, limitOf(amounts), amounts.reason),
  })
}

/** @param {Spender[]} people @param {Limits | null} limit @param {string} words */
export function askBulk(people, limit, words) {
  emit(document, "amount.asked", {
    title: `${words}: ${counted(people.length, "person", "people")}`,
    words: people.map(({ name }) => name).slice(0, 8).join(", ") + (people.length > 8 ? " …" : ""),
    action: words,
    isLimit: false,
    hasAmounts: false,
    preview: () => preview(people, limit),
    save: (/** @type {Amounts} */ { reason }) => setForAll(people, limit, reason),
  })
}

/** @param {Spender[]} people @param {Limits | null} limit @param {string} reason */
async function setForAll(people, limit, reason) {
  await api.post("admin/budgets/bulk", { people: people.map(({ id }) => id), limit, reason })
  await act(Promise.resolve(), `${counted(people.length, "limit")} changed.`)
}

/** "3 people: $5.00 becomes $10.00 a month. 1 is already above." @param {Spender[]} people @param {Limits | null} limit */
async function preview(people, limit) {
  const { items } = await api.post("admin/budgets/bulk", { people: people.map(({ id }) => id), limit, preview: true })
  const words = (/** @type {Limits} */ one) => limitWords(one.limit_tokens, one.limit_micro_usd, one.period)
  const before = [...new Set(items.map((/** @type {any} */ item) => words(item.before)))]
  const after = [...new Set(items.map((/** @type {any} */ item) => words(item.after)))]
  const above = items.filter((/** @type {any} */ item) => item.is_above).length
  const from = before.length > 3 ? `${before.length} different limits` : before.join(" or ")
  return `${counted(items.length, "person", "people")}: ${from} becomes ${after.join(" or ")}.${above ? ` ${above} already spent more than that.` : ""}`
}

/** @param {SpendChange} change */
export function undo(change) {
  return act(api.post(`admin/changes/${change.id}/undo`, {}, { tries: 1 }), "The change was undone.")
}

/** @param {SpendEntry} entry */
export function refund(entry) {
  return act(api.post(`admin/holds/${entry.hold_id}/refund`, {}, { tries: 1 }), "The call was refunded.")
}
