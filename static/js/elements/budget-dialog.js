// Asks staff for more: an amount and a line why.

import { problemOf } from "lib/api.js"
import { emit, find, fromTemplate, isTouch, setText } from "lib/dom.js"
import { amount, suggestions } from "models/budget-view.js"

class BudgetDialog extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Budget | null} */
  #budget = null
  /** @type {Unit} */
  #unit = "tokens"

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("budget.known", ({ detail }) => (this.#budget = detail.budget), { signal })
    document.addEventListener("more.wanted", ({ detail }) => this.#open(detail?.unit), { signal })
    find(this, "form").addEventListener("submit", (/** @type {Event} */ event) => this.#send(event), { signal })
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.#dialog.close(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, "dialog")
  }

  /** @param {Unit} [wanted] */
  #open(wanted) {
    if (!this.#budget) return
    const { unit, amounts } = suggestions(this.#budget, wanted)
    this.#unit = unit
    find(this, "[data-amounts]").replaceChildren(...amounts.map((value, at) => choice(value, unit, at === 1 || amounts.length === 1)))
    setText(find(this, "[data-error]"), "")
    this.#dialog.showModal()
  }

  /** @param {Event} event */
  #send(event) {
    event.preventDefault()
    const given = new FormData(find(this, "form"))
    const button = find(this, "[data-send-request]")
    button.disabled = true
    const fields = { [this.#unit]: Number(given.get("amount")), message: String(given.get("message")) }
    emit(this, "more.asked", { fields, done: () => this.#sent(button), failed: (/** @type {unknown} */ error) => this.#failed(button, error) })
  }

  /** @param {HTMLButtonElement} button */
  #sent(button) {
    button.disabled = false
    find(this, "form").reset()
    this.#dialog.close()
    emit(this, "status.said", { text: "Your request was sent." })
    if (!isTouch()) emit(this, "composer.focused")
  }

  /** @param {HTMLButtonElement} button @param {unknown} error */
  #failed(button, error) {
    button.disabled = false
    setText(find(this, "[data-error]"), problemOf(error).detail)
  }
}

/** @param {number} value @param {Unit} unit @param {boolean} checked */
function choice(value, unit, checked) {
  const label = fromTemplate("more-amount")
  Object.assign(find(label, "input"), { value: String(value), checked })
  setText(find(label, "span"), `+ ${amount(value, unit)}`)
  return label
}

customElements.define("budget-dialog", BudgetDialog)
