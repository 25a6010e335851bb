// The panel beside the list: one person with their windows, models, open holds, last calls and what staff changed.

import { find, fromTemplate, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { drawFace } from "lib/people.js"
import { amountWords, compact, exactly, limitWords, money, mostOf, ruleWords, until } from "models/spend-amounts.js"
import { askGrant, askLimit, refund, undo } from "admin/actions.js"
import { api, drawFacts, drawMeter, drawSpark, made, timeOf } from "admin/office.js"
import { meterWords } from "admin/person-row.js"

const KINDS = /** @type {Record<string, string>} */ ({ grant: "Granted", refund: "Refunded", correct: "Corrected", expire: "Call that was lost" })
const SOURCES = /** @type {Record<string, string>} */ ({ estimate: "estimated", bound: "charged by its bound" })

class SpendPerson extends HTMLElement {
  #leaving = new AbortController()
  /** @type {string | null} */
  #id = null
  /** @type {Spender | null} */
  #person = null
  /** @type {Element | null} */
  #before = null
  /** @type {number | null} */
  #older = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("person.shown", ({ detail }) => this.#open(detail.id), { signal })
    document.addEventListener("spend.given", () => this.#id && this.#load(this.#id), { signal })
    this.addEventListener("keydown", ({ key }) => key === "Escape" && !document.querySelector("dialog[open]") && this.#close(), { signal })
    find(this, "[data-close]").addEventListener("click", () => this.#close(), { signal })
    find(this, '[data-do="limit"]').addEventListener("click", () => this.#person && askLimit(this.#person), { signal })
    find(this, '[data-do="grant"]').addEventListener("click", () => this.#person && askGrant(this.#person), { signal })
    find(this, "[data-older]").addEventListener("click", () => this.#loadOlder(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {string | null} id */
  async #open(id) {
    if (!id) return this.#close()
    this.#before = document.activeElement
    this.#id = id
    await this.#load(id)
    if (this.#id === id && !this.hidden) find(this, "h2").focus()
  }

  #close() {
    this.#id = null
    this.hidden = true
    if (this.#before instanceof HTMLElement) this.#before.focus()
  }

  /** @param {string} id */
  async #load(id) {
    const asked = [api.get(`admin/users/${id}/spend`), api.get(`admin/users/${id}/ledger`)]
    const [dossier, ledger] = await Promise.all(asked).catch(() => [null, null])
    if (id !== this.#id || !dossier?.person) return
    this.hidden = false
    this.#show(dossier, dossier.person)
    this.#showCalls(ledger, false)
  }

  /** @param {Dossier} dossier @param {Spender} person */
  #show(dossier, person) {
    this.#person = person
    drawFace(find(this, "[data-avatar]"), person)
    setText(find(this, "[data-name]"), person.name)
    setText(find(this, "[data-email]"), person.email)
    drawMeter(find(this, "[data-meter]"), person, person.state, meterWords(person))
    drawSpark(find(this, "[data-spark]"), person.days, "Spending of the last 14 days")
    drawFacts(find(this, "[data-facts]"), factsOf(person, dossier.windows))
    drawFacts(find(this, '[data-list="models"]'), modelsOf(dossier.days))
    this.#showHolds(dossier.holds)
    this.#list("changes", dossier.changes.map(changeLine))
  }

  /** @param {SpendHold[]} holds */
  #showHolds(holds) {
    const details = find(this, "[data-holds]")
    details.hidden = !holds.length
    setText(find(details, "summary"), counted(holds.length, "running call"))
    this.#list("holds", holds.map((hold) => line({ what: hold.model, amount: money(hold.micro_usd), about: `${compact(hold.tokens)} tokens reserved since ${timeOf(hold.created_at)}` })))
  }

  /** @param {{items: SpendEntry[], next: number | null}} ledger @param {boolean} isMore */
  #showCalls({ items, next }, isMore) {
    this.#older = next
    find(this, "[data-older]").hidden = !next
    if (isMore) find(this, '[data-list="calls"]').append(...items.map(entryLine))
    else this.#list("calls", items.map(entryLine))
  }

  async #loadOlder() {
    if (this.#id && this.#older) this.#showCalls(await api.get(`admin/users/${this.#id}/ledger?before=${this.#older}`), true)
  }

  // A list that has the focus is left alone until the focus leaves it.
  /** @param {string} name @param {HTMLElement[]} lines */
  #list(name, lines) {
    const list = find(this, `[data-list="${name}"]`)
    if (list.contains(document.activeElement)) return
    list.replaceChildren(...(lines.length ? lines : [made("li", "Nothing yet.", "quiet")]))
  }
}

/** @param {Spender} person @param {Dossier["windows"]} windows @returns {[string, string][]} */
function factsOf(person, windows) {
  const most = mostOf(person)
  const left = most.micro_usd === null ? null : Math.max(0, most.micro_usd - person.spent_micro_usd - person.held_micro_usd)
  const group = windows.find(({ scope }) => scope === "group")
  return [
    ["Limit", limitWords(most.tokens, most.micro_usd, person.period)],
    ["Spent", `${exactly(person.spent_micro_usd)}, ${compact(person.spent_tokens)} tokens`],
    ["Reserved", amountWords(person.held_tokens, person.held_micro_usd)],
    ...pairs(left !== null, "Left", money(left ?? 0)),
    ...pairs(person.granted_micro_usd + person.granted_tokens > 0, "Granted extra", amountWords(person.granted_tokens, person.granted_micro_usd)),
    ["Resets in", until(person.ends, Date.now())],
    ["Calls", String(person.calls)],
    ...pairs(person.calls > 0, "Mean per call", money(Math.round(person.spent_micro_usd / Math.max(person.calls, 1)))),
    ...pairs(person.estimated_tokens > 0, "Estimated", `${compact(person.estimated_tokens)} tokens`),
    ...pairs(Boolean(group), "Group shares", group ? limitWords(group.limit_tokens, group.limit_micro_usd, group.period) : ""),
  ]
}

/** @param {boolean} isShown @param {string} term @param {string} words @returns {[string, string][]} */
function pairs(isShown, term, words) {
  return isShown ? [[term, words]] : []
}

/** @param {SpendDay[]} days @returns {[string, string][]} */
function modelsOf(days) {
  const sums = new Map()
  for (const { model, micro_usd } of days) sums.set(model, (sums.get(model) ?? 0) + micro_usd)
  return [...sums].sort((one, other) => other[1] - one[1]).map(([model, micro]) => [model, money(micro)])
}

/** @param {SpendEntry} entry */
function entryLine(entry) {
  const tokens = entry.kind === "settle" ? `${compact(entry.prompt_tokens)} in, ${compact(entry.output_tokens)} out` : `${compact(entry.tokens)} tokens`
  const about = [timeOf(entry.at), tokens, SOURCES[entry.source], entry.overrun_tokens ? "beyond its hold" : "", entry.reason].filter(Boolean).join(" · ")
  const act = entry.refundable ? { words: "Refund", act: () => refund(entry) } : undefined
  return line({ what: KINDS[entry.kind] ?? entry.model, amount: exactly(entry.micro_usd), about, act })
}

/** @param {SpendChange} change */
export function changeLine(change) {
  const about = [timeOf(change.at), change.actor, change.reason].filter(Boolean).join(" · ")
  const act = change.can_be_undone ? { words: "Undo", act: () => undo(change) } : undefined
  return line({ what: changeWords(change), amount: "", about, act })
}

/** @param {SpendChange} change */
function changeWords({ action, before, after, scope, subject }) {
  const whose = subject === null ? "Each person: " : scope === "workspace" ? "The workspace: " : ""
  if (action === "limit") return `${whose}${ruleWords(before)} → ${ruleWords(after)}`
  if (action === "request") return `Request ${after?.state ?? ""}`
  if (action === "workspace") return "Settings of the workspace"
  if (action === "group") return `Group: ${before?.group ?? "none"} → ${after?.group ?? "none"}`
  if (action === "price") return `Price of ${after?.model ?? "a model"}`
  return `${action === "refund" ? "Refund" : "Grant"}: ${amountWords(after?.tokens || null, after?.micro_usd || null)}`
}

/** @param {{what: string, amount: string, about: string, act?: {words: string, act: () => unknown}}} words */
function line({ what, amount, about, act }) {
  const element = fromTemplate("spend-line")
  setText(find(element, "[data-what]"), what)
  setText(find(element, "[data-amount]"), amount)
  setText(find(element, "[data-about]"), about)
  const button = find(element, "[data-act]")
  button.hidden = !act
  setText(button, act?.words ?? "")
  button.addEventListener("click", () => act?.act())
  return element
}

customElements.define("spend-person", SpendPerson)
