// What stands in the place of the turns: the start of a new chat, the wait for one, or why there is none.

import { emit, find, setText } from "lib/dom.js"
import { greeting } from "lib/time.js"

const SKELETON_AFTER = 300
/** What trying again does not bring back. @type {Record<string, {title: string, words: string}>} */
const GONE = {
  not_found: { title: "There is no such chat.", words: "It was deleted, or it is not shared with you." },
  removed: { title: "You were removed from this chat.", words: "Nothing that is said in it reaches you any more. Its owner can invite you again." },
}

class ThreadStates extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => this.#greet(detail.me.name), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    find(this, "[data-reopen]").addEventListener("click", () => this.#session?.open(), { signal })
    this.addEventListener("click", (event) => this.#start(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#soon)
  }

  /** @param {string} name */
  #greet(name) {
    const first = name.trim().split(/\s+/)[0]
    setText(find(this, "[data-greeting]"), `${greeting(new Date().getHours())}${first ? `, ${first}` : ""}.`)
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    session.addEventListener("changed", () => session === this.#session && this.#show(session), { signal: this.#leaving.signal })
    this.#show(session)
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #show(session) {
    const empty = session.turns().length === 0
    find(this, "[data-hero]").hidden = !(empty && session.state !== "reading" && !session.problem)
    find(this, "[data-problem]").hidden = !session.problem
    if (session.problem) this.#explain(session.problem)
    clearTimeout(this.#soon)
    find(this, "[data-loading]").hidden = true
    if (session.state === "reading") this.#soon = setTimeout(() => (find(this, "[data-loading]").hidden = session.state !== "reading"), SKELETON_AFTER)
  }

  /** @param {Problem} problem */
  #explain({ code, detail }) {
    const { title, words } = GONE[code] ?? { title: "This chat could not be opened.", words: detail }
    setText(find(this, "[data-problem-title]"), title)
    setText(find(this, "[data-problem-text]"), words)
    find(this, "[data-reopen]").hidden = code in GONE
  }

  /** @param {MouseEvent} event */
  #start(event) {
    const starter = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-starter]"))
    if (starter) emit(this, "composer.filled", { text: starter.dataset.starter })
  }
}

customElements.define("thread-states", ThreadStates)
