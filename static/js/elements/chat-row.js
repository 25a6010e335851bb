// One conversation in the sidebar: its link, its menu, its title to be renamed.

import { emit, find, setText } from "lib/dom.js"
import { renameInPlace } from "lib/rename.js"
import { titleOf } from "models/titles.js"

class ChatRow extends HTMLElement {
  /** @type {Conversation | null} */
  #shown = null
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.#link.addEventListener("dblclick", () => this.rename(), { signal })
    this.addEventListener("title.ended", (event) => this.#renamed(/** @type {CustomEvent} */ (event).detail.title), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLAnchorElement} */
  get #link() {
    return find(this, ".chat")
  }

  /** @param {Conversation} conversation @param {boolean} current */
  show(conversation, current) {
    if (current) this.#link.setAttribute("aria-current", "page")
    else this.#link.removeAttribute("aria-current")
    if (conversation === this.#shown) return
    this.#shown = conversation
    this.dataset.conversation = conversation.id
    this.#link.setAttribute("href", `/c/${conversation.id}`)
    setText(find(this, "[data-title]"), titleOf(conversation))
    find(this, "[data-running]").hidden = !conversation.running
    find(this, "[data-menu]").setAttribute("aria-label", `Menu of ${titleOf(conversation)}`)
  }

  rename() {
    if (this.#shown) renameInPlace(this.#link, this.#shown.title)
  }

  /** @param {string | null} title */
  #renamed(title) {
    if (title) emit(this, "conversation.changed", { id: this.#shown?.id, fields: { title } })
  }
}

customElements.define("chat-row", ChatRow)
