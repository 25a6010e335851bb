// Asks for tokens and dollars: a limit, an extra, or only a reason. Says in words what was typed.

import { find, setText } from "lib/dom.js"
import { meaning, parseAmount, toField } from "models/spend-amounts.js"
import { wordsOf } from "lib/trouble.js"

const UNITS = /** @type {const} */ (["micro_usd", "tokens"])

class AmountDialog extends HTMLElement {
  #leaving = new AbortController()
  /** @type {AmountQuestion | null} */
  #question = null
  #asked = 0

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("amount.asked", ({ detail }) => this.#ask(detail), { signal })
    this.#form.addEventListener("input", () => this.#follow(), { signal })
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

  /** @param {AmountQuestion} question */
  #ask(question) {
    this.#question = question
    setText(find(this, "h2"), question.title)
    setText(find(this, "[data-words]"), question.words)
    setText(find(this, "[data-save]"), question.action)
    setText(find(this, "[data-reason-label]"), question.reasonLabel ?? "Reason")
    find(this, "[data-period-field]").hidden = !question.isLimit
    find(this, ".field-pair").hidden = question.hasAmounts === false
    this.#fill(question.given ?? {})
    this.#dialog.showModal()
    this.#follow()
  }

  /** @param {Partial<Amounts>} given */
  #fill({ period = "month", tokens = null, micro_usd = null, reason = "" }) {
    for (const radio of this.#field("period")) radio.checked = radio.value === period
    this.#field("tokens").value = toField("tokens", tokens)
    this.#field("micro_usd").value = toField("micro_usd", micro_usd)
    this.#field("reason").value = reason
    for (const unit of UNITS) this.#field(unit).placeholder = this.#question?.isLimit ? "Unlimited" : "None"
    this.#fail("")
  }

  /** @param {string} name @returns {any} */
  #field(name) {
    return this.#form.elements.namedItem(name)
  }

  /** @returns {Amounts | null} null: something is no amount */
  #amounts() {
    const [micro_usd, tokens] = UNITS.map((unit) => parseAmount(this.#field(unit).value, unit))
    if (micro_usd === undefined || tokens === undefined) return null
    return { period: this.#field("period").value, micro_usd, tokens, reason: this.#field("reason").value.trim() }
  }

  #follow() {
    for (const unit of UNITS) this.#explain(unit)
    this.#preview()
  }

  /** @param {"micro_usd" | "tokens"} unit */
  #explain(unit) {
    const value = parseAmount(this.#field(unit).value, unit)
    const wrong = value === undefined
    this.#field(unit).setAttribute("aria-invalid", String(wrong))
    const words = value === null && !this.#question?.isLimit ? "None" : wrong ? "This is no amount" : meaning(unit, value)
    setText(find(this, `[data-means="${unit}"]`), words)
  }

  async #preview() {
    const asked = ++this.#asked
    const amounts = this.#amounts()
    const words = this.#question?.preview && amounts ? await this.#question.preview(amounts).catch(wordsOf) : ""
    if (asked === this.#asked) setText(find(this, "[data-preview]"), words)
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault()
    const amounts = this.#amounts()
    if (!amounts || !this.#question) return this.#fail("Write an amount such as 20, 1.5M or 200k; leave it empty for none.")
    const button = find(this, "[data-save]")
    button.disabled = true
    await this.#question.save(amounts).then(() => this.#dialog.close(), (error) => this.#fail(wordsOf(error)))
    button.disabled = false
  }

  /** @param {string} words */
  #fail(words) {
    setText(find(this, "[data-error]"), words)
  }
}

customElements.define("amount-dialog", AmountDialog)
