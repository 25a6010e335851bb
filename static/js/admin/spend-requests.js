// Who asks for more: granted or declined with one click, or with another amount and a note.

import { arrange, emit, find, fromTemplate, setText } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { amountWords, limitWords, money, mostOf } from "models/spend-amounts.js"
import { act, api } from "admin/office.js"

class SpendRequests extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("spend.given", ({ detail }) => this.#follow(detail.spend.summary.requests), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {number} count */
  async #follow(count) {
    const { items } = count ? await api.get("admin/requests").catch(() => ({ items: [] })) : { items: [] }
    this.#show(items)
  }

  /** @param {MoreRequest[]} requests */
  #show(requests) {
    this.hidden = !requests.length
    setText(find(this, "[data-count]"), String(requests.length))
    this.#rows = new Map(requests.map((request) => [request.id, this.#rows.get(request.id) ?? rowFor(request)]))
    arrange(find(this, "[data-rows]"), [...this.#rows.values()])
  }
}

/** @param {MoreRequest} request */
function rowFor(request) {
  const row = fromTemplate("request-row")
  const name = request.person?.name ?? "Somebody"
  drawFace(find(row, "[data-avatar]"), { id: request.user_id, name })
  setText(find(row, "[data-name]"), name)
  setText(find(row, "[data-amount]"), amountWords(request.tokens, request.micro_usd) || "more")
  setText(find(row, "[data-message]"), request.message ? `“${request.message}”` : "")
  setText(find(row, "[data-standing]"), request.person ? standing(request.person) : "")
  for (const [part, answer] of Object.entries({ grant, other: askOther, decline: askDecline })) listen(find(row, `[data-${part}]`), name, () => answer(request, name))
  find(row, "[data-grant]").hidden = !request.tokens && !request.micro_usd
  return row
}

/** @param {HTMLElement} button @param {string} name @param {() => unknown} answer */
function listen(button, name, answer) {
  button.setAttribute("aria-label", `${button.textContent?.trim()}: ${name}`)
  button.addEventListener("click", answer)
}

/** @param {Spender} person */
function standing(person) {
  const most = mostOf(person)
  return `Spent ${money(person.spent_micro_usd)} so far; limit: ${limitWords(most.tokens, most.micro_usd, person.period)}.`
}

/** @param {MoreRequest} request @param {string} name */
function grant(request, name) {
  return act(api.post(`admin/requests/${request.id}/grant`, {}, { tries: 1 }), `${name} has ${amountWords(request.tokens, request.micro_usd)} more.`)
}

/** @param {MoreRequest} request @param {string} name */
function askOther(request, name) {
  emit(document, "amount.asked", {
    title: `Grant ${name} more`,
    words: "For the running period only.",
    action: "Grant",
    isLimit: false,
    reasonLabel: "Note, which they will see",
    given: { tokens: request.tokens, micro_usd: request.micro_usd },
    save: async (/** @type {Amounts} */ { tokens, micro_usd, reason }) => {
      await api.post(`admin/requests/${request.id}/grant`, { tokens: tokens ?? 0, micro_usd: micro_usd ?? 0, note: reason }, { tries: 1 })
      await act(Promise.resolve(), `${name} has ${amountWords(tokens, micro_usd)} more.`)
    },
  })
}

/** @param {MoreRequest} request @param {string} name */
function askDecline(request, name) {
  emit(document, "amount.asked", {
    title: `Decline ${name}'s request`,
    words: request.message,
    action: "Decline",
    isLimit: false,
    hasAmounts: false,
    reasonLabel: "Note, which they will see",
    save: async (/** @type {Amounts} */ { reason }) => {
      await api.post(`admin/requests/${request.id}/decline`, { note: reason }, { tries: 1 })
      await act(Promise.resolve(), "The request was declined.")
    },
  })
}

customElements.define("spend-requests", SpendRequests)
