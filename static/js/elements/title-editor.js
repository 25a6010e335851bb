// A title that is being renamed in its place. Enter and leaving save, Escape gives up.

import { emit } from "lib/dom.js"
import { isComposing } from "lib/keys.js"

const LONGEST = 200

class TitleEditor extends HTMLElement {
  #leaving = new AbortController()
  #ended = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    this.addEventListener("focusout", () => this.#end(true), { signal })
    this.append(inputFor(this.dataset.title ?? ""))
    this.#input.focus()
    this.#input.select()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.firstElementChild)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (isComposing(event) || !["Enter", "Escape"].includes(event.key)) return
    event.preventDefault()
    this.#end(event.key === "Enter", true)
  }

  /** @param {boolean} keeps @param {boolean} [byKey] then the focus goes back to the title */
  #end(keeps, byKey = false) {
    if (this.#ended) return
    this.#ended = true
    const place = /** @type {HTMLElement} */ (this.previousElementSibling)
    const title = this.#input.value.trim()
    emit(this, "title.ended", { title: keeps && title && title !== this.dataset.title ? title : null })
    place.hidden = false
    if (byKey) place.focus()
    this.remove()
  }
}

/** @param {string} title */
function inputFor(title) {
  const input = document.createElement("input")
  Object.assign(input, { className: "input", value: title, maxLength: LONGEST })
  input.setAttribute("aria-label", "Name of the chat")
  return input
}

customElements.define("title-editor", TitleEditor)
