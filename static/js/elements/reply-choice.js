// Whether the model answers the next message. It follows the conversation's rule until the person says otherwise,
// and says who reads the message and who pays.

import { find, setText } from "lib/dom.js"
import { asksModel } from "models/mentions.js"

class ReplyChoice extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  #text = ""
  /** What the person said; null: the rule holds. @type {boolean | null} */
  #said = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    this.#button.addEventListener("click", () => this.#turn(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLButtonElement} */
  get #button() {
    return find(this, "button")
  }

  /** Whether the message that is in the box is for the model. */
  get wantsReply() {
    return this.#said ?? asksModel(this.#session?.conversation?.answering ?? "always", this.#text)
  }

  /** @param {string} text what is in the box */
  read(text) {
    if (!text.trim()) this.#said = this.#text.trim() ? null : this.#said
    this.#text = text
    this.#show()
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    this.#said = null
    session.addEventListener("changed", () => session === this.#session && this.#show(), { signal: this.#leaving.signal })
    this.#show()
  }

  #turn() {
    this.#said = !this.wantsReply
    this.#show()
  }

  #show() {
    const { conversation, team } = this.#session ?? {}
    const isShown = Boolean(team?.isShared || conversation?.answering === "addressed")
    this.hidden = !isShown
    this.#button.setAttribute("aria-pressed", String(this.wantsReply))
    const hint = /** @type {HTMLElement} */ (document.querySelector("[data-reply-hint]"))
    hint.hidden = !isShown || !team?.mayWrite
    setText(hint, this.#words(Boolean(team?.isShared)))
  }

  /** @param {boolean} isShared */
  #words(isShared) {
    if (this.wantsReply) return isShared ? "Gemini answers, you pay" : "Gemini answers"
    return isShared ? "To people only, free" : "A note, free"
  }
}

customElements.define("reply-choice", ReplyChoice)
