// Who else is typing in the conversation on screen. A screen reader is told when somebody begins, and not with every key.

import { find, setText } from "lib/dom.js"
import { TypingPeople, typingWords } from "models/typing.js"

const LOOK_EVERY = 500
const QUIET_FOR = 30_000

class TypingLine extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  #people = new TypingPeople()
  #saidAt = -Infinity
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("typing.heard", ({ detail }) => this.#hear(detail), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearInterval(this.#looking)
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    this.#people = new TypingPeople()
    session.addEventListener("arrived", (event) => session === this.#session && this.#arrived(/** @type {CustomEvent} */ (event).detail.message), { signal: this.#leaving.signal })
    this.#show()
  }

  /** @param {{conversation: Id, person: Person}} heard */
  #hear({ conversation, person }) {
    if (conversation !== this.#session?.id || person.id === this.#session.me.id) return
    this.#people.hear(person, Date.now())
    this.#show()
  }

  /** @param {Message} message */
  #arrived({ author }) {
    if (!author) return
    this.#people.forget(author.id)
    this.#show()
  }

  #show() {
    const words = typingWords(this.#people.names(Date.now()))
    find(this, "[data-line]").hidden = !words
    if (words) setText(find(this, "[data-words]"), words)
    this.#say(words)
    clearInterval(this.#looking)
    if (words) this.#looking = setInterval(() => this.#show(), LOOK_EVERY)
  }

  /** @param {string} words */
  #say(words) {
    const place = find(this, "[data-said]")
    if (!words) return setText(place, "")
    if (!place.textContent && Date.now() - this.#saidAt < QUIET_FOR) return undefined
    this.#saidAt = place.textContent ? this.#saidAt : Date.now()
    return place.textContent ? undefined : setText(place, words)
  }
}

customElements.define("typing-line", TypingLine)
