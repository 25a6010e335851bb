// What a new link is to be. It says in a sentence who will see what, and shows that before there is a link.

import { ApiError } from "lib/api.js"
import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { bodyOf, everything, livesUnder, mistakesIn, placesOf, sentenceFor, usualLife } from "models/share-form.js"
import { excerpt, parted } from "models/share-words.js"

/** @typedef {import("models/share-links.js").ShareLinks} Links */
/** @typedef {import("models/share-form.js").ShareChoice} Choice */

class ShareForm extends HTMLElement {
  #leaving = new AbortController()
  #following = new AbortController()
  /** @type {Links | null} */
  #links = null
  /** @type {Id | null} */
  #until = null
  /** @type {PersonFound[]} */
  #people = []
  /** Counts what was changed and asked for: an answer is shown only if nothing was since. */
  #turns = 0
  /** Whose messages are being read for choosing. @type {Links | null} */
  #reading = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("share.opened", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("share.made", ({ detail }) => detail.links === this.#links && this.#reset(), { signal })
    document.addEventListener("share.refused", ({ detail }) => detail.links === this.#links && this.#refused(detail.error), { signal })
    this.#form.addEventListener("submit", (event) => this.#submitted(event), { signal })
    this.#form.addEventListener("change", () => this.#changed(), { signal })
    this.#form.addEventListener("input", () => this.#touched(), { signal })
    this.addEventListener("person.picked", (event) => this.#picked(/** @type {CustomEvent} */ (event).detail.person), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.#search.known = () => new Set(this.#people.map(({ id }) => id))
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#following.abort()
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return find(this, "form")
  }

  /** @returns {any} the <people-search> */
  get #search() {
    return find(this, "people-search")
  }

  /** @param {{links: Links, until: Id | null}} opened */
  #follow({ links, until }) {
    this.#following.abort()
    this.#following = new AbortController()
    this.#links = links
    this.#reading = null
    this.#until = until
    find(this, "[data-messages]").replaceChildren()
    links.addEventListener("changed", () => this.#obey(links), { signal: this.#following.signal })
    this.#reset()
  }

  #reset() {
    this.#form.reset()
    this.#people = []
    this.#search.clear()
    this.#drawPeople()
    if (this.#links) this.#obey(this.#links)
    this.#showErrors({})
    this.#changed()
  }

  /** What the workspace allows. @param {Links} links */
  #obey({ policy }) {
    const life = this.#field("life")
    const kept = life.value
    const lives = livesUnder(policy)
    life.replaceChildren(...lives.map(({ value, words }) => new Option(words, value)))
    life.value = lives.some(({ value }) => value === kept) ? kept : usualLife(policy)
    this.querySelector("[value='public']")?.toggleAttribute("disabled", !policy.public_links)
    setText(find(this, "[data-public-words]"), policy.public_links ? "No account needed" : "Your workspace does not allow this")
    setText(find(this, "[data-password-words]"), policy.password_required ? "Your workspace asks for one" : "If you want one")
    this.#field("password").required = policy.password_required
    this.#sentence()
  }

  /** @param {string} name @returns {any} */
  #field(name) {
    return this.#form.elements.namedItem(name)
  }

  /** @returns {Choice} */
  get #choice() {
    const text = (/** @type {string} */ name) => this.#field(name).value.trim()
    return {
      audience: this.#field("audience").value,
      people: this.#people,
      extent: this.#field("extent").value,
      life: this.#field("life").value,
      password: this.#field("password").value,
      show_names: this.#field("show_names").checked,
      max_views: text("max_views"),
      title: text("title"),
    }
  }

  #changed() {
    const { audience, extent } = this.#choice
    find(this, "[data-options]").hidden = audience === "none"
    find(this, "[data-people]").hidden = audience !== "people"
    find(this, "[data-chosen]").hidden = extent !== "chosen"
    find(this, "[data-own-title]").hidden = extent === "live"
    this.#field("title").placeholder = extent === "chosen" ? "Shared messages" : "As the chat is called"
    if (extent === "chosen" && !find(this, "[data-messages]").children.length) this.#readMessages()
    emit(this, "share.form-changed", { hasLink: audience !== "none" })
    this.#touched()
  }

  #touched() {
    this.#turns++
    this.#sentence()
  }

  #sentence() {
    setText(find(this, "[data-sentence]"), sentenceFor(this.#choice, parted(this.#links?.shares ?? []).open.length > 0))
  }

  // A look at the whole branch, from which to choose.
  async #readMessages() {
    const links = this.#links
    if (!links || this.#reading === links) return
    this.#reading = links
    try {
      const { messages } = await links.preview(everything(this.#until))
      if (links === this.#links) find(this, "[data-messages]").replaceChildren(...messages.map(tickRow))
    } catch (error) {
      if (links === this.#links) this.#refused(error)
    } finally {
      if (links === this.#links) this.#reading = null
    }
  }

  /** @returns {Id[]} in the order in which they stand */
  get #ticked() {
    return [.../** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("[data-messages] :checked"))].map(({ value }) => value)
  }

  /** @param {PersonFound} person */
  #picked(person) {
    this.#people = [...this.#people, person]
    this.#search.clear()
    this.#drawPeople()
    this.#touched()
  }

  #drawPeople() {
    find(this, "[data-picked]").replaceChildren(...this.#people.map(pickedChip))
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = /** @type {Element} */ (target).closest("button")
    if (button?.dataset.dropped) this.#drop(button.dataset.dropped)
  }

  /** @param {Id} person */
  #drop(person) {
    this.#people = this.#people.filter(({ id }) => id !== person)
    this.#drawPeople()
    this.#touched()
    this.#search.input.focus()
  }

  /** @param {Event} event */
  async #submitted(event) {
    event.preventDefault()
    const links = this.#links
    if (!links || this.#choice.audience === "none") return
    const wrong = mistakesIn(this.#choice, links.policy)
    if (this.#choice.extent === "chosen" && !this.#ticked.length) wrong.extent = "Tick at least one message."
    this.#showErrors(wrong)
    if (!Object.keys(wrong).length) await this.#preview(links)
  }

  // Whatever is chosen or said after this moment is not part of the link; only its end is counted from when it is made.
  /** @param {Links} links */
  async #preview(links) {
    const turn = ++this.#turns
    const choice = this.#choice
    const [until, messages] = [this.#until, this.#ticked]
    const body = () => bodyOf(choice, { until, messages, now: new Date(), policy: links.policy })
    const stands = () => links === this.#links && turn === this.#turns
    try {
      const preview = await links.preview(body())
      if (stands()) emit(this, "share.previewed", { links, preview, sentence: sentenceFor(choice), body })
    } catch (error) {
      if (stands()) this.#refused(error)
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    const places = error instanceof ApiError ? placesOf(error) : { "": String(error) }
    const isPlaced = Object.keys(places).some((name) => name && this.querySelector(`[data-error="${CSS.escape(name)}"]`))
    this.#showErrors(isPlaced ? places : { "": Object.values(places).join(" ") })
  }

  /** @param {Record<string, string>} errors */
  #showErrors(errors) {
    for (const note of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-error]"))) this.#showError(note, errors[note.dataset.error ?? ""] ?? "")
    const first = /** @type {HTMLElement | null} */ (this.querySelector("[aria-invalid='true']"))
    if (first) first.focus()
    else this.querySelector("[data-error]:not(:empty)")?.scrollIntoView({ block: "nearest" })
  }

  /** @param {HTMLElement} note @param {string} words */
  #showError(note, words) {
    setText(note, words)
    const around = /** @type {HTMLElement} */ (note.closest(".field") ?? note)
    const input = around.querySelector(".input")
    if (input && around.contains(note)) input.setAttribute("aria-invalid", String(Boolean(words)))
    if (words) around.dataset.tone = "bad"
    else delete around.dataset.tone
  }
}

/** @param {PreviewedMessage} message */
function tickRow({ message, name, content }) {
  const row = fromTemplate("share-tick")
  find(row, "input").value = message
  setText(find(row, "[data-name]"), name)
  setText(find(row, "[data-excerpt]"), excerpt(content))
  return row
}

/** @param {PersonFound} person */
function pickedChip({ id, name }) {
  const chip = fromTemplate("share-picked")
  setText(find(chip, "[data-name]"), name)
  const button = find(chip, "button")
  button.dataset.dropped = id
  button.setAttribute("aria-label", `Take ${name} out`)
  return chip
}

customElements.define("share-form", ShareForm)
