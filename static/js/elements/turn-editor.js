// A question that is edited in its place. What is typed is kept as a draft until it is sent or given up.

import { emit, find } from "lib/dom.js"
import { chord, isComposing } from "lib/keys.js"
import { storage } from "lib/storage.js"
import { Drafts } from "models/draft.js"

class TurnEditor extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Message | null} */
  #message = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    find(this, "form").addEventListener("submit", (/** @type {Event} */ event) => this.#send(event), { signal })
    find(this, "[data-cancel]").addEventListener("click", () => this.#end(null), { signal })
    this.#field.addEventListener("input", () => this.#keep(this.#field.value), { signal })
    this.addEventListener("keydown", (event) => this.#pressed(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLTextAreaElement} */
  get #field() {
    return find(this, "textarea")
  }

  /** @param {Message} message */
  begin(message) {
    this.#message = message
    this.#field.value = this.#drafts.read(this.#place) || message.content
    this.#field.focus()
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length)
  }

  get #drafts() {
    return new Drafts(storage, this.#message?.author?.id ?? "")
  }

  get #place() {
    return `edit ${this.#message?.id}`
  }

  /** @param {string} text */
  #keep(text) {
    this.#drafts.write(this.#place, text)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (isComposing(event)) return
    const pressed = chord(event)
    if (pressed === "mod+Enter") this.#send(event)
    if (pressed !== "Escape") return
    event.preventDefault()
    this.#end(null)
  }

  /** @param {Event} event */
  #send(event) {
    event.preventDefault()
    if (this.#field.value.trim()) this.#end(this.#field.value)
  }

  /** @param {string | null} text */
  #end(text) {
    this.#keep("")
    emit(this, "edit.ended", { text })
  }
}

customElements.define("turn-editor", TurnEditor)
