// The keyboard set of the page. Keys become events; what they mean is known where it is done.

import { emit, takesText } from "lib/dom.js"
import { chord, isComposing, isPrintable } from "lib/keys.js"
import { storage } from "lib/storage.js"

const CHORDS = {
  "mod+k": "search.asked",
  "mod+shift+o": "chat.asked-new",
  "mod+shift+s": "sidebar.toggled",
  "shift+Escape": "composer.focused",
  "mod+shift+c": "answer.copied",
  "mod+shift+;": "code.copied",
  "mod+shift+Backspace": "chat.asked-deletion",
  "mod+shift+m": "models.asked",
  "mod+.": "settings.asked",
  "mod+/": "help.asked",
}

class ChatKeys extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    document.addEventListener("click", (event) => this.#clicked(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  // Buttons with data-emit only say what they ask for.
  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-emit]"))
    if (button) emit(button, button.dataset.emit ?? "")
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.defaultPrevented || isComposing(event)) return
    const name = /** @type {Record<string, string>} */ (CHORDS)[chord(event)]
    if (name && !document.querySelector("dialog[open]")) return this.#send(event, name)
    if (event.key === "Escape") return this.#escape(event)
    this.#single(event)
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (document.querySelector(":popover-open, dialog[open]")) return
    if (!emit(this, "answer.stopped")) event.preventDefault()
  }

  /** @param {KeyboardEvent} event */
  #single(event) {
    if (!isPrintable(event) || takesText(document.activeElement) || storage.getItem("single-keys") === "off") return
    if (document.querySelector(":popover-open, dialog[open]")) return
    if (event.key === "/") this.#send(event, "search.asked")
    else if (document.activeElement?.matches("body, [data-scroller]")) emit(this, "composer.focused")
  }

  /** @param {KeyboardEvent} event @param {string} name */
  #send(event, name) {
    event.preventDefault()
    emit(this, name)
  }
}

customElements.define("chat-keys", ChatKeys)
