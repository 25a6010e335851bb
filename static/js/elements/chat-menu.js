// The menu of one conversation, opened from its row or from the top bar.

import { emit, find, setIcon, setText } from "lib/dom.js"

class ChatMenu extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/chat-list.js").ChatList | null} */
  #list = null
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {Id | null} */
  #about = null
  #from = "topbar"

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("chats.given", ({ detail }) => (this.#list = detail.list), { signal })
    document.addEventListener("session.changed", ({ detail }) => (this.#session = detail.session), { signal })
    document.addEventListener("chat.asked-deletion", () => this.#deleteShown(), { signal })
    document.addEventListener("click", (event) => this.#opened(event), { signal, capture: true })
    this.addEventListener("click", (event) => this.#chosen(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {Conversation | null} */
  get #conversation() {
    const shown = this.#session?.conversation
    return shown && shown.id === this.#about ? shown : (this.#list?.get(this.#about) ?? null)
  }

  /** @param {MouseEvent} event */
  #opened(event) {
    const button = /** @type {Element} */ (event.target).closest('[popovertarget="chat-menu"]')
    if (!button) return
    const row = /** @type {HTMLElement | null} */ (button.closest("[data-conversation]"))
    this.#from = row ? "row" : "topbar"
    this.#about = row?.dataset.conversation ?? this.#session?.id ?? null
    this.#label()
  }

  #label() {
    const { pinned, archived } = this.#conversation ?? { pinned: false, archived: false }
    this.#draw("pin", pinned ? "Unpin" : "Pin", pinned ? "pin-off" : "pin")
    this.#draw("archive", archived ? "Take out of the archive" : "Archive", archived ? "archive-restore" : "archive")
    find(this, '[data-do="pin"]').hidden = archived
  }

  /** @param {string} item @param {string} words @param {string} icon */
  #draw(item, words, icon) {
    setText(find(this, `[data-do="${item}"] span`), words)
    setIcon(find(this, `[data-do="${item}"] .icon`), icon)
  }

  /** @param {MouseEvent} event */
  #chosen(event) {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"))
    const conversation = this.#conversation
    if (!item || !conversation) return
    const { id, pinned, archived } = conversation
    if (item.dataset.do === "rename") emit(this, "rename.asked", { id, from: this.#from })
    if (item.dataset.do === "pin") emit(this, "conversation.changed", { id, fields: { pinned: !pinned } })
    if (item.dataset.do === "archive") emit(this, "conversation.changed", { id, fields: { archived: !archived } })
    if (item.dataset.do === "delete") emit(this, "conversation.deletion", { conversation })
  }

  #deleteShown() {
    const conversation = this.#session?.conversation
    if (conversation) emit(this, "conversation.deletion", { conversation })
  }
}

customElements.define("chat-menu", ChatMenu)
