// What one answer used up, behind its info button. One popover serves all turns.

import { find } from "lib/dom.js"
import { factsOf } from "models/turn-facts.js"

class UsageFacts extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {Model[]} */
  #models = []

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => (this.#models = detail.models.items), { signal })
    document.addEventListener("session.changed", ({ detail }) => (this.#session = detail.session), { signal })
    document.addEventListener("click", (event) => this.#opened(event), { signal, capture: true })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {MouseEvent} event */
  #opened(event) {
    const button = /** @type {Element} */ (event.target).closest('[popovertarget="usage-facts"]')
    const turn = /** @type {HTMLElement | null | undefined} */ (button?.closest("chat-turn"))
    const message = turn && this.#session?.store.get(turn.dataset.message ?? "")
    if (message) this.#show(factsOf(message, this.#models))
  }

  /** @param {[string, string][]} facts */
  #show(facts) {
    find(this, "dl").replaceChildren(...facts.flatMap(([name, value]) => [made("dt", name), made("dd", value)]))
  }
}

/** @param {string} tag @param {string} text */
function made(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text })
}

customElements.define("usage-facts", UsageFacts)
