// The limits for everyone: of each person who has nothing special, and of the workspace.

import { emit, find, setText } from "lib/dom.js"
import { limitWords } from "models/spend-amounts.js"
import { amountsOf } from "admin/actions.js"
import { act, api } from "admin/office.js"
import { changeLine } from "admin/spend-person.js"

const TITLES = /** @type {Record<string, string>} */ ({ default: "Limit of each person", workspace: "Limit of the workspace" })
const WORDS = /** @type {Record<string, string>} */ ({ default: "For whoever has nothing of their own.", workspace: "For everyone together." })

class SpendRules extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Record<string, Limits>} */
  #rules = {}

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#show(detail.spend.summary), { signal })
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-change]"))) button.addEventListener("click", () => this.#ask(button.dataset.change ?? ""), { signal })
    find(this, "[data-trail]").addEventListener("toggle", () => this.#loadTrail(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {SpendSummary} summary */
  #show(summary) {
    const unlimited = { period: "month", limit_tokens: null, limit_micro_usd: null }
    this.#rules = { default: summary.default ?? unlimited, workspace: summary.window }
    for (const [name, rule] of Object.entries(this.#rules)) setText(find(this, `[data-${name}]`), limitWords(rule.limit_tokens, rule.limit_micro_usd, rule.period))
    this.#loadTrail()
  }

  async #loadTrail() {
    if (!find(this, "[data-trail]").open) return
    const { items } = await api.get("admin/changes").catch(() => ({ items: [] }))
    const list = find(this, "[data-list]")
    if (!list.contains(document.activeElement)) list.replaceChildren(...items.map(changeLine))
  }

  /** @param {string} name */
  #ask(name) {
    emit(document, "amount.asked", {
      title: TITLES[name],
      words: WORDS[name],
      action: "Save",
      isLimit: true,
      given: amountsOf(this.#rules[name]),
      save: async (/** @type {Amounts} */ { period, tokens, micro_usd, reason }) => {
        await api.put(`admin/budgets/${name}`, { period, limit_tokens: tokens, limit_micro_usd: micro_usd, reason })
        await act(Promise.resolve(), `${TITLES[name]}: ${limitWords(tokens, micro_usd, period)}.`)
      },
    })
  }
}

customElements.define("spend-rules", SpendRules)
