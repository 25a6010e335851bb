// Short words about something that just happened. Never for a failed answer: that belongs into its turn.

import { find, setIcon } from "lib/dom.js"

const SHOWN_FOR = 6000

class ToastList extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("toast.shown", ({ detail }) => this.#show(detail), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {{text: string, tone?: string, link?: {href: string, text: string}}} toast */
  #show({ text, tone = "ok", link }) {
    const toast = /** @type {HTMLTemplateElement} */ (document.getElementById("toast")).content.cloneNode(true)
    const element = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (toast).firstElementChild)
    element.dataset.tone = tone
    setIcon(find(element, ".icon"), tone === "ok" ? "circle-check" : "circle-alert")
    element.setAttribute("role", tone === "bad" ? "alert" : "status")
    find(element, "[data-link]").hidden = !link
    if (link) Object.assign(find(element, "[data-link]"), { href: link.href, textContent: link.text })
    element.addEventListener("click", () => element.remove())
    this.append(element)
    // A live region speaks only of what changes after it is there.
    requestAnimationFrame(() => (find(element, "p").textContent = text))
    setTimeout(() => element.remove(), SHOWN_FOR)
  }
}

customElements.define("toast-list", ToastList)
