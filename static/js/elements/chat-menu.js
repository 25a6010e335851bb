// The menu of one conversation, opened from its row or from the top bar.

import { ApiError, problemOf } from "lib/api.js"
import { emit, find, setIcon, setText } from "lib/dom.js"
import { titleOf } from "models/titles.js"

const OWNERS = ["owner"]
const WRITERS = ["owner", "writer"]
const OTHERS = ["writer", "reader"]

class ChatMenu extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/chat-list.js").ChatList | null} */
  #list = null
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {Id | null} */
  #about = null
  #from = "topbar"
  /** @type {Page["me"] | null} */
  #me = null
  /** @type {import("lib/api.js").Api | null} */
  #api = null
  /** The conversation whose share dialog opens as soon as it is on screen. @type {Id | null} */
  #sharesNext = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => (this.#me = detail.me), { signal })
    document.addEventListener("chats.given", ({ detail }) => this.#know(detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("chat.asked-deletion", () => this.#deleteShown(), { signal })
    document.addEventListener("click", (event) => this.#opened(event), { signal, capture: true })
    this.addEventListener("click", (event) => this.#chosen(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {{list: import("models/chat-list.js").ChatList, api: import("lib/api.js").Api}} given */
  #know({ list, api }) {
    this.#list = list
    this.#api = api
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    if (session.id !== this.#sharesNext) this.#sharesNext = null
    session.addEventListener("changed", () => this.#shareNext(), { signal: this.#leaving.signal })
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
    const { pinned, archived, role } = this.#conversation ?? { pinned: false, archived: false, role: "reader" }
    this.#draw("pin", pinned ? "Unpin" : "Pin", pinned ? "pin-off" : "pin")
    this.#draw("archive", archived ? "Take out of the archive" : "Archive", archived ? "archive-restore" : "archive")
    find(this, '[data-do="pin"]').hidden = archived
    this.#allow("rename", WRITERS.includes(role))
    this.#labelDefault(WRITERS.includes(role))
    this.#allow("leave", OTHERS.includes(role))
    this.#allow("delete", OWNERS.includes(role))
  }

  // Where people begin who were not here yet: worth a word only where there is more than one way through the chat.
  /** @param {boolean} may */
  #labelDefault(may) {
    const turns = this.#from === "topbar" ? (this.#session?.turns() ?? []) : []
    const isDefault = Boolean(this.#defaultLeaf)
    this.#allow("default", may && (isDefault || turns.some(({ id }) => (this.#session?.store.versions(id).length ?? 0) > 1)))
    this.#draw("default", isDefault ? "Nobody begins here any more" : "Let others begin here", isDefault ? "rotate-ccw" : "eye")
  }

  /** The message on screen at which others begin, if they do. @returns {Id | undefined} */
  get #defaultLeaf() {
    const chosen = this.#session?.conversation?.default_message
    return this.#from === "topbar" ? this.#session?.turns().find(({ id }) => id === chosen)?.id : undefined
  }

  /** @param {Id} id */
  #changeDefault(id) {
    const leaf = this.#session?.turns().findLast(({ sending }) => !sending)
    emit(this, "conversation.changed", { id, fields: { default_message: this.#defaultLeaf ? null : leaf?.id } })
  }

  /** @param {string} item @param {boolean} may */
  #allow(item, may) {
    find(this, `[data-do="${item}"]`).hidden = !may
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
    if (item.dataset.do === "default") this.#changeDefault(id)
    if (item.dataset.do === "share") this.#share(id)
    if (item.dataset.do === "leave") this.#askToLeave(conversation)
    if (item.dataset.do === "delete") emit(this, "conversation.deletion", { conversation })
  }

  // The dialog is about what is on screen: another chat is opened first.
  /** @param {Id} id */
  #share(id) {
    this.#sharesNext = id
    if (this.#session?.id === id) this.#shareNext()
    else /** @type {HTMLElement | null} */ (document.querySelector(`chat-row[data-conversation="${CSS.escape(id)}"] .chat`))?.click()
  }

  #shareNext() {
    if (!this.#session?.conversation || this.#session.id !== this.#sharesNext) return
    this.#sharesNext = null
    emit(this, "share.asked")
  }

  /** @param {Conversation} conversation */
  #askToLeave(conversation) {
    const words = "You no longer see the chat; what you wrote stays in it. Its owner can invite you again."
    emit(this, "confirm.asked", { title: `Leave “${titleOf(conversation)}”?`, words, action: "Leave chat", agreed: () => this.#leave(conversation.id) })
  }

  /** @param {Id} id */
  async #leave(id) {
    const isShown = id === this.#session?.id
    try {
      await this.#api?.delete(`conversations/${id}/members/${this.#me?.id}`)
      this.#left(id, isShown)
    } catch (error) {
      // A repeat of what had worked finds nothing.
      if (error instanceof ApiError && error.status === 404) this.#left(id, isShown)
      else emit(this, "toast.shown", { text: problemOf(error).detail, tone: "bad" })
    }
  }

  // The page says it of the chat that is on screen, as soon as it hears of it.
  /** @param {Id} id @param {boolean} isShown */
  #left(id, isShown) {
    this.#list?.remove(id)
    if (!isShown) emit(this, "toast.shown", { text: "You left the chat." })
    emit(this, "conversation.gone", { id, reason: "left" })
  }

  // By a key, in whatever chat is on screen: only who may do it is asked.
  #deleteShown() {
    const conversation = this.#session?.conversation
    if (conversation?.role === "owner") emit(this, "conversation.deletion", { conversation })
  }
}

customElements.define("chat-menu", ChatMenu)
