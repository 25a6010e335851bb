// The title of the conversation on screen, to be renamed, and what it used so far.

import { emit, find, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { renameInPlace } from "lib/rename.js"
import { setTitle } from "lib/tab-title.js"
import { titleOf } from "models/titles.js"
import { sumOf } from "models/turn-view.js"

class ChatTopbar extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("rename.asked", ({ detail }) => detail.from === "topbar" && this.#rename(), { signal })
    this.addEventListener("title.ended", (event) => this.#renamed(/** @type {CustomEvent} */ (event).detail.title), { signal })
    this.#title.addEventListener("dblclick", () => this.#rename(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLElement} */
  get #title() {
    return find(this, "[data-title]")
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    const { signal } = this.#leaving
    for (const type of ["changed", "began"]) session.addEventListener(type, () => session === this.#session && this.#show(session), { signal })
    this.#show(session)
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #show(session) {
    const { conversation, problem, state } = session
    find(this, "[data-menu]").hidden = !conversation
    find(this, "[data-settings]").hidden = !session.team.mayWrite
    if (state === "reading") return
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-share]"))) button.hidden = !conversation
    const title = problem ? "Chat" : titleOf(conversation)
    setText(this.#title, title)
    this.#title.title = conversation && session.team.mayWrite ? "Double-click to rename" : ""
    setText(find(this, "[data-facts]"), factsOf(session))
    setTitle(title)
  }

  #rename() {
    const { conversation, team } = this.#session ?? {}
    if (conversation && team?.mayWrite) renameInPlace(this.#title, conversation.title)
  }

  /** @param {string | null} title */
  #renamed(title) {
    if (title) emit(this, "conversation.changed", { id: this.#session?.id, fields: { title } })
  }
}

// Sums of a conversation that is not here whole would be wrong, so none is shown then.
/** @param {import("models/conversation-session.js").ConversationSession} session */
function factsOf(session) {
  const { team } = session
  const sum = session.hasOlder || session.isBusy ? "" : sumOf(session.turns())
  return [team.isShared ? counted(team.people, "person", "people") : "Only you", sum].filter(Boolean).join(" · ")
}

customElements.define("chat-topbar", ChatTopbar)
