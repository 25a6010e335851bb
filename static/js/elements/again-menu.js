// Asks for another answer from another model. One menu serves all turns.

import { emit, find, fromTemplate } from "lib/dom.js"

class AgainMenu extends HTMLElement {
  #leaving = new AbortController()
  /** @type {HTMLElement | null} */
  #turn = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => this.#fill(detail.models.items), { signal })
    document.addEventListener("click", (event) => this.#opened(event), { signal, capture: true })
    this.addEventListener("click", (event) => this.#choose(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {Model[]} models */
  #fill(models) {
    find(this, "#again-menu").append(...models.map(itemFor))
  }

  /** @param {MouseEvent} event */
  #opened(event) {
    const button = /** @type {Element} */ (event.target).closest('[popovertarget="again-menu"]')
    if (button) this.#turn = button.closest("chat-turn")
  }

  /** @param {MouseEvent} event */
  #choose(event) {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-model]"))
    if (item && this.#turn) emit(this.#turn, "answer.again", { id: this.#turn.dataset.message, model: item.dataset.model })
  }
}

/** @param {Model} model */
function itemFor({ id, name, description }) {
  const item = fromTemplate("model-item")
  item.dataset.model = id
  item.setAttribute("role", "menuitem")
  item.removeAttribute("aria-checked")
  find(item, ".tick").remove()
  find(item, "[data-name]").textContent = name
  find(item, "[data-description]").textContent = description
  return item
}

customElements.define("again-menu", AgainMenu)
