// How the model answers in this conversation: system prompt, temperature, maximum length, reasoning effort.

import { ApiError } from "lib/api.js"
import { emit, find, setText } from "lib/dom.js"

const NUMBERS = ["temperature", "max_completion_tokens"]

class SettingsDialog extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("session.changed", ({ detail }) => (this.#session = detail.session), { signal })
    document.addEventListener("settings.asked", () => this.#open(), { signal })
    this.#form.addEventListener("submit", (event) => this.#save(event), { signal })
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.#dialog.close(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, "dialog")
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return find(this, "form")
  }

  #open() {
    if (!this.#session || this.#session.problem) return
    const { system_prompt, parameters } = this.#session.chosen
    this.#field("system_prompt").value = system_prompt
    for (const name of NUMBERS) this.#field(name).value = String(/** @type {any} */ (parameters)[name] ?? "")
    for (const radio of this.#field("reasoning_effort")) radio.checked = radio.value === (parameters.reasoning_effort ?? "")
    this.#showErrors({})
    this.#dialog.showModal()
  }

  /** @param {string} name @returns {any} */
  #field(name) {
    return this.#form.elements.namedItem(name)
  }

  /** @param {Event} event */
  #save(event) {
    event.preventDefault()
    const errors = this.#unreadable()
    this.#showErrors(errors)
    if (Object.keys(errors).length) return
    emit(this, "settings.changed", { fields: this.#values(), done: () => this.#dialog.close(), failed: (/** @type {unknown} */ error) => this.#refused(error) })
  }

  // A number field that holds no number gives an empty value; that must not silently mean "default".
  #unreadable() {
    const broken = NUMBERS.filter((name) => this.#field(name).validity.badInput)
    return Object.fromEntries(broken.map((name) => [name, "This is not a number."]))
  }

  /** @returns {Partial<Conversation>} */
  #values() {
    const kept = /** @type {Record<string, any>} */ ({ ...this.#session?.chosen.parameters })
    for (const name of NUMBERS) kept[name] = this.#field(name).value === "" ? undefined : Number(this.#field(name).value)
    kept.reasoning_effort = this.#field("reasoning_effort").value || undefined
    return { system_prompt: this.#field("system_prompt").value.trim(), parameters: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) }
  }

  /** @param {unknown} error */
  #refused(error) {
    const fields = error instanceof ApiError ? shortNames(error.fields) : {}
    const known = Object.keys(fields).some((name) => this.querySelector(`[data-error="${CSS.escape(name)}"]`))
    this.#showErrors(known ? fields : { "": error instanceof ApiError ? error.detail : "That did not work." })
  }

  /** @param {Record<string, string>} errors */
  #showErrors(errors) {
    for (const note of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-error]"))) this.#showError(note, errors[note.dataset.error ?? ""] ?? "")
    const first = Object.keys(errors).find((name) => name && this.#field(name) instanceof HTMLElement)
    if (first) this.#field(first).focus()
  }

  /** @param {HTMLElement} note @param {string} words */
  #showError(note, words) {
    setText(note, words)
    const field = note.dataset.error ? this.#field(note.dataset.error) : null
    if (field instanceof HTMLElement) field.setAttribute("aria-invalid", String(Boolean(words)))
    const around = /** @type {HTMLElement} */ (note.closest(".field") ?? note)
    if (words) around.dataset.tone = "bad"
    else delete around.dataset.tone
  }
}

/** "parameters.temperature" is the field "temperature". @param {Record<string, string>} fields */
function shortNames(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, words]) => [name.split(".").at(-1), words]))
}

customElements.define("settings-dialog", SettingsDialog)
