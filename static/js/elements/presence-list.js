// The people of the conversation on screen, and who of them is here.

import { arrange, find, fromTemplate } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { presenceOf } from "models/presence.js"

class PresenceList extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** Who has it on screen, as far as was told. @type {{conversation: Id | null, people: Id[]}} */
  #here = { conversation: null, people: [] }
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    document.addEventListener("presence.changed", ({ detail }) => this.#hear(detail), { signal })
    document.addEventListener("connection.lost", () => this.#hear({ conversation: null, people: [] }), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    session.addEventListener("changed", () => session === this.#session && this.#show(session), { signal: this.#leaving.signal })
    this.#show(session)
  }

  // Without a connection nobody knows who is here.
  /** @param {{conversation: Id | null, people: Id[]}} here */
  #hear(here) {
    this.#here = here
    if (this.#session) this.#show(this.#session)
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #show({ id, team }) {
    const here = this.#here.conversation === id ? this.#here.people : []
    const { faces, more } = presenceOf(team, here)
    this.hidden = !team.isShared || !faces.length
    const rows = faces.map((face) => this.#face(face, team.me.id))
    arrange(find(this, "ul"), more.length ? [...rows, this.#rest(more)] : rows)
  }

  /** @param {import("models/presence.js").Face} face @param {Id} me */
  #face({ person, isHere }, me) {
    const row = this.#row(person.id)
    const avatar = find(row, ".avatar")
    drawFace(avatar, person, me)
    avatar.classList.toggle("presence", isHere)
    label(avatar, `${person.name}, ${isHere ? "here" : "away"}`)
    return row
  }

  /** @param {string[]} names */
  #rest(names) {
    const row = this.#row("more")
    const avatar = find(row, ".avatar")
    avatar.textContent = `+${names.length}`
    label(avatar, `And ${names.join(", ")}`)
    return row
  }

  /** @param {string} key @returns {HTMLElement} */
  #row(key) {
    const row = this.#rows.get(key) ?? fromTemplate("presence-face")
    this.#rows.set(key, row)
    return row
  }
}

/** @param {HTMLElement} avatar @param {string} words */
function label(avatar, words) {
  avatar.setAttribute("aria-label", words)
  avatar.title = words
}

customElements.define("presence-list", PresenceList)
