// One conversation in the sidebar: its link, its menu, its title to be renamed.

import { emit, find, setText } from "lib/dom.js"
import { renameInPlace } from "lib/rename.js"
import { titleOf } from "models/titles.js"
import { countWords } from "models/unread.js"

/** @typedef {{isCurrent: boolean, unread: number, foundBy: string}} RowState foundBy: what was searched for, if the title does not have it */

class ChatRow extends HTMLElement {
  /** @type {Conversation | null} */
  #shown = null
  /** @type {RowState | null} */
  #state = null
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

  /** @param {Conversation} conversation @param {RowState} state */
  show(conversation, state) {
    if (conversation !== this.#shown) this.#draw((this.#shown = conversation))
    if (!isSame(state, this.#state)) this.#mark((this.#state = state))
  }

  /** @param {Conversation} conversation */
  #draw(conversation) {
    this.dataset.conversation = conversation.id
    this.#link.setAttribute("href", `/c/${conversation.id}`)
    setText(find(this, "[data-title]"), titleOf(conversation))
    find(this, "[data-people]").hidden = conversation.people < 2
    find(this, "[data-has-link]").hidden = !conversation.has_link
    find(this, "[data-running]").hidden = !conversation.running
    find(this, "[data-menu]").setAttribute("aria-label", `Menu of ${titleOf(conversation)}`)
  }

  /** @param {RowState} state */
  #mark({ isCurrent, unread, foundBy }) {
    if (isCurrent) this.#link.setAttribute("aria-current", "page")
    else this.#link.removeAttribute("aria-current")
    this.#link.toggleAttribute("data-unread", unread > 0)
    find(this, "[data-count]").hidden = unread === 0
    setText(find(this, "[data-number]"), countWords(unread))
    find(this, "[data-why]").hidden = !foundBy
    setText(find(this, "[data-why]"), foundBy && `With someone called “${foundBy}”`)
  }

  rename() {
    if (this.#shown && this.#shown.role !== "reader") renameInPlace(this.#link, this.#shown.title)
  }

  /** @param {string | null} title */
  #renamed(title) {
    if (title) emit(this, "conversation.changed", { id: this.#shown?.id, fields: { title } })
  }
}

/** @param {RowState} one @param {RowState | null} other */
function isSame(one, other) {
  return one.isCurrent === other?.isCurrent && one.unread === other.unread && one.foundBy === other.foundBy
}

customElements.define("chat-row", ChatRow)
