// The names that fit what is typed behind an @. The caret stays in the message box; arrows, Enter and Tab choose here.

import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { chord, isComposing } from "lib/keys.js"
import { drawFace } from "lib/people.js"
import { fitting, GEMINI, nameAt, TakenNames, withName } from "models/mentions.js"

const AT_MOST = 6

/** @typedef {import("models/mentions.js").Named} Named */

class MentionMenu extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {Named[]} */
  #offered = []
  #at = 0
  /** Where the @ stands whose menu was closed: it stays so until another one is typed. @type {number | null} */
  #closedAt = null
  #taken = new TakenNames()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail.session), { signal })
    this.#field.addEventListener("input", () => this.#look(), { signal })
    this.#field.addEventListener("click", () => this.#look(), { signal })
    this.#field.addEventListener("blur", () => this.#show([]), { signal })
    // Before the message box takes Enter for itself.
    this.#form.addEventListener("keydown", (event) => this.#pressed(event), { signal, capture: true })
    this.addEventListener("pointerdown", (event) => this.#pointed(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return /** @type {HTMLFormElement} */ (this.closest("form"))
  }

  /** @returns {HTMLTextAreaElement} */
  get #field() {
    return find(this.#form, "textarea")
  }

  get #isOpen() {
    return !this.hidden
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #follow(session) {
    this.#session = session
    this.#taken = new TakenNames()
    this.#show([])
  }

  #look() {
    const { value, selectionStart, selectionEnd } = this.#field
    const typed = selectionStart === selectionEnd ? nameAt(value, selectionStart) : null
    if (!typed) this.#closedAt = null
    const isWanted = typed && typed.from !== this.#closedAt && !this.#taken.has(typed) && this.#session?.team.isShared
    this.#show(isWanted ? fitting(typed.word, this.#people).slice(0, AT_MOST) : [])
  }

  /** @returns {Named[]} */
  get #people() {
    const { me, members } = /** @type {import("models/team.js").Team} */ (this.#session?.team)
    return [GEMINI, ...members.map(({ user }) => user).filter(({ id }) => id !== me.id)]
  }

  /** @param {Named[]} offered */
  #show(offered) {
    const isNew = offered.length > 0 && !this.#isOpen
    this.#offered = offered
    this.#at = 0
    this.hidden = !offered.length
    find(this, "[role=listbox]").replaceChildren(...offered.map(optionFor))
    this.#mark()
    if (isNew) emit(this, "status.said", { text: `${offered.length === 1 ? "One name" : `${offered.length} names`}. Arrows choose, Enter inserts.` })
  }

  #mark() {
    const options = [...this.querySelectorAll("[role=option]")]
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.#at)))
    if (options.length) this.#field.setAttribute("aria-activedescendant", options[this.#at].id)
    else this.#field.removeAttribute("aria-activedescendant")
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (!this.#isOpen || event.target !== this.#field || isComposing(event)) return
    const pressed = chord(event)
    if (pressed === "ArrowDown" || pressed === "ArrowUp") this.#move(pressed === "ArrowDown" ? 1 : -1)
    else if (pressed === "Enter" || pressed === "Tab") this.#choose(this.#offered[this.#at])
    else if (pressed === "Escape") this.#close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  /** @param {number} step */
  #move(step) {
    this.#at = (this.#at + step + this.#offered.length) % this.#offered.length
    this.#mark()
  }

  #close() {
    this.#closedAt = nameAt(this.#field.value, this.#field.selectionStart)?.from ?? null
    this.#show([])
  }

  // The field keeps the focus.
  /** @param {PointerEvent} event */
  #pointed(event) {
    event.preventDefault()
    const option = /** @type {Element} */ (event.target).closest("[role=option]")
    if (option) this.#choose(this.#offered[Number(option.id.split("-").at(-1))])
  }

  /** @param {Named} named */
  #choose(named) {
    const field = this.#field
    this.#taken.add(nameAt(field.value, field.selectionStart)?.from ?? 0, named)
    const { text, caret } = withName(field.value, field.selectionStart, named)
    field.value = text
    field.setSelectionRange(caret, caret)
    field.dispatchEvent(new InputEvent("input", { bubbles: true }))
  }
}

/** @param {Named} named @param {number} at */
function optionFor(named, at) {
  const option = fromTemplate("mention-option")
  option.id = `mention-${at}`
  setText(find(option, "[data-name]"), named.name)
  find(option, ".mark").toggleAttribute("hidden", named.id !== null)
  find(option, ".avatar").hidden = named.id === null
  find(option, "small").hidden = named.id !== null
  if (named.id) drawFace(find(option, ".avatar"), { id: named.id, name: named.name })
  return option
}

customElements.define("mention-menu", MentionMenu)
