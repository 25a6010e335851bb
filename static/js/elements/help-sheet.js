// The keyboard shortcuts, with the switch for those of a single key.

import { find } from "lib/dom.js"
import { isMac } from "lib/keys.js"
import { storage } from "lib/storage.js"

class HelpSheet extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    const single = find(this, "[data-single-keys]")
    document.addEventListener("help.asked", () => find(this, "dialog").showModal(), { signal })
    find(this, "[data-close]").addEventListener("click", () => find(this, "dialog").close(), { signal })
    single.checked = storage.getItem("single-keys") !== "off"
    single.addEventListener("change", () => storage.setItem("single-keys", single.checked ? "on" : "off"), { signal })
    if (isMac()) for (const key of this.querySelectorAll("[data-mod]")) key.textContent = "⌘"
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }
}

customElements.define("help-sheet", HelpSheet)
