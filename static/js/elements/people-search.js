// A field that finds people by name or address: arrows move through what is found, Enter takes one.

import { Api, query } from "lib/api.js"
import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { isComposing } from "lib/keys.js"
import { drawFace } from "lib/people.js"

const LEAST = 2
const PAUSE = 150
const ALREADY = "Already here."

class PeopleSearch extends HTMLElement {
  #leaving = new AbortController()
  #api = new Api()
  #asking = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later
  /** @type {PersonFound[]} */
  #found = []
  #at = -1
  /** Who was taken from the list and not typed over since. @type {PersonFound | null} */
  picked = null
  /** Those who need not be found. @type {() => Set<Id>} */
  known = () => new Set()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.input.addEventListener("input", () => this.#typed(), { signal })
    this.input.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    this.addEventListener("focusout", ({ relatedTarget }) => !this.contains(/** @type {Node | null} */ (relatedTarget)) && this.#show([]), { signal })
    this.#list.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault(), { signal })
    this.#list.addEventListener("click", (/** @type {Event} */ event) => this.#clicked(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#later)
  }

  /** @returns {HTMLInputElement} */
  get input() {
    return find(this, "input")
  }

  /** @returns {HTMLElement} */
  get #list() {
    return find(this, "[role='listbox']")
  }

  clear() {
    this.input.value = ""
    this.picked = null
    this.#show([])
  }

  #typed() {
    this.picked = null
    clearTimeout(this.#later)
    this.#asking.abort()
    const words = this.input.value.trim()
    if (words.length < LEAST) return this.#show([])
    this.#later = setTimeout(() => this.#ask(words), PAUSE)
  }

  // What cannot be looked up can still be typed as an address.
  /** @param {string} words */
  async #ask(words) {
    this.#asking = new AbortController()
    const { signal } = this.#asking
    const answer = await this.#api.get(`people${query({ q: words })}`, { signal }).catch(() => ({ items: [] }))
    if (signal.aborted || !this.contains(document.activeElement)) return
    const known = this.known()
    const fresh = answer.items.filter((/** @type {PersonFound} */ { id }) => !known.has(id))
    this.#show(fresh, answer.items.length ? ALREADY : (this.dataset.nobody ?? ""))
  }

  /** @param {PersonFound[]} people @param {string} [why] nobody is offered who was looked for */
  #show(people, why = "") {
    this.#found = people
    this.#list.replaceChildren(...people.map((person, at) => this.#option(person, at)))
    this.#list.hidden = !people.length
    this.input.setAttribute("aria-expanded", String(people.length > 0))
    setText(find(this, "[data-nobody]"), people.length ? "" : why)
    this.#go(-1)
  }

  /** @param {PersonFound} person @param {number} at */
  #option(person, at) {
    const option = fromTemplate("person-found")
    option.id = `${this.#list.id}-${at}`
    drawFace(find(option, "[data-face]"), person)
    setText(find(option, "[data-name]"), person.name)
    setText(find(option, "[data-hint]"), person.hint)
    return option
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (!this.#found.length || isComposing(event)) return
    const to = { ArrowDown: this.#at + 1, ArrowUp: this.#at < 0 ? this.#found.length - 1 : this.#at - 1 }[event.key]
    if (to !== undefined) this.#go(to >= this.#found.length ? -1 : to)
    else if (event.key === "Enter" && this.#at >= 0) this.#pick(this.#found[this.#at])
    else if (event.key === "Escape") this.#show([])
    else return
    event.preventDefault()
  }

  /** @param {number} at -1: back in the field */
  #go(at) {
    this.#at = at
    ;[...this.#list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)))
    const active = this.#list.children[at]
    active?.scrollIntoView({ block: "nearest" })
    if (active) this.input.setAttribute("aria-activedescendant", active.id)
    else this.input.removeAttribute("aria-activedescendant")
  }

  /** @param {Event} event */
  #clicked(event) {
    const option = /** @type {Element} */ (event.target).closest("[role='option']")
    const at = [...this.#list.children].indexOf(/** @type {Element} */ (option))
    if (at >= 0) this.#pick(this.#found[at])
  }

  /** @param {PersonFound} person */
  #pick(person) {
    this.#show([])
    this.input.value = person.name
    this.picked = person
    emit(this, "person.picked", { person })
  }
}

customElements.define("people-search", PeopleSearch)
