// Which model answers next.

import { emit, find, fromTemplate, setText } from "lib/dom.js"

class ModelPicker extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {Model[]} */
  #models = []

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => this.#fill(detail.models.items), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("models.asked", () => find(this, "[data-button]").click(), { signal })
    this.addEventListener("click", (event) => this.#choose(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {Model[]} models */
  #fill(models) {
    this.#models = models
    find(this, "#models").append(...models.map(itemFor))
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    session.addEventListener("changed", () => this.#show(), { signal: this.#leaving.signal })
    this.#show()
  }

  #show() {
    const chosen = this.#session?.chosen.model ?? ""
    const name = this.#models.find(({ id }) => id === chosen)?.name ?? chosen
    setText(find(this, "[data-name]"), name)
    find(this, "[data-button]").setAttribute("aria-label", `Model: ${name}`)
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-model]"))) item.setAttribute("aria-checked", String(item.dataset.model === chosen))
  }

  /** @param {MouseEvent} event */
  #choose(event) {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-model]"))
    if (item && item.dataset.model !== this.#session?.chosen.model) emit(this, "model.chosen", { model: item.dataset.model })
  }
}

/** @param {Model} model */
function itemFor({ id, name, description }) {
  const item = fromTemplate("model-item")
  item.dataset.model = id
  find(item, "[data-name]").textContent = name
  find(item, "[data-description]").textContent = description
  return item
}

customElements.define("model-picker", ModelPicker)
