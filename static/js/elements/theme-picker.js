// Light, dark, or as the system. The choice is a cookie, so the next page comes in it from its first byte.

import { remember } from "lib/cookies.js"

class ThemePicker extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("click", (event) => this.#choose(event), { signal })
    this.#show(document.documentElement.dataset.theme ?? "system")
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {MouseEvent} event */
  #choose(event) {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-theme-choice]"))
    if (!item) return
    const choice = item.dataset.themeChoice ?? "system"
    remember("theme", choice === "system" ? "" : choice)
    if (choice === "system") delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = choice
    this.#show(choice)
  }

  /** @param {string} choice */
  #show(choice) {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-theme-choice]"))) {
      item.setAttribute("aria-checked", String(item.dataset.themeChoice === choice))
    }
  }
}

customElements.define("theme-picker", ThemePicker)
