// Asks before something is gone for good, and names it.

import { find, setIcon } from "lib/dom.js"

class ConfirmDialog extends HTMLElement {
  #leaving = new AbortController()
  /** @type {() => void} */
  #agreed = () => {}

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("confirm.asked", ({ detail }) => this.#ask(detail), { signal })
    find(this, "[data-keep]").addEventListener("click", () => this.#dialog.close(), { signal })
    find(this, "[data-confirm]").addEventListener("click", () => this.#agree(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, "dialog")
  }

  /** @param {{title: string, words: string, action: string, icon?: string, agreed: () => void}} question */
  #ask({ title, words, action, icon = "trash-2", agreed }) {
    this.#agreed = agreed
    find(this, "h2").textContent = title
    find(this, "#confirm-words").textContent = words
    find(this, "[data-confirm] span").textContent = action
    setIcon(find(this, "[data-confirm] .icon"), icon)
    this.#dialog.showModal()
  }

  #agree() {
    this.#dialog.close()
    this.#agreed()
  }
}

customElements.define("confirm-dialog", ConfirmDialog)
