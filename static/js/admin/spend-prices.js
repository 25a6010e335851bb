// The price table, what a sample message costs, and a new price with a look at what it would do.

import { find, fromTemplate, setText } from "lib/dom.js"
import { ApiError } from "lib/api.js"
import { wordsOf } from "lib/trouble.js"
import { compact, exactly, parseAmount } from "models/spend-amounts.js"
import { act, api, dayOf, timeOf } from "admin/office.js"
import { sampleCost, simulation } from "models/spend-sample.js"

const RATES = /** @type {const} */ (["prompt", "cached", "output"])

class SpendPrices extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Price[]} */
  #prices = []
  #isSure = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    find(this, "[data-add]").addEventListener("click", () => this.#open(), { signal })
    find(this, "[data-sample]").addEventListener("input", () => this.#draw(), { signal })
    find(this, "[data-sample]").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault(), { signal })
    this.#form.addEventListener("input", () => this.#simulate(), { signal })
    this.#form.addEventListener("submit", (event) => this.#save(event), { signal })
    for (const button of this.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.#dialog.close(), { signal })
    this.#load()
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
    return find(this, "dialog form")
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name))
  }

  async #load() {
    const { items } = await api.get("admin/prices").catch(() => ({ items: [] }))
    this.#prices = items
    const models = [...new Set(this.#prices.map(({ model }) => model))]
    find(this, "datalist").replaceChildren(...models.map((model) => new Option(model, model)))
    this.#draw()
  }

  get #sample() {
    const { prompt, output } = Object.fromEntries(new FormData(find(this, "[data-sample]")))
    return { prompt: parseAmount(String(prompt), "tokens") ?? 0, output: parseAmount(String(output), "tokens") ?? 0 }
  }

  #draw() {
    const sample = this.#sample
    find(this, "[data-rows]").replaceChildren(...this.#prices.map((price) => rowFor(price, sample)))
  }

  #open() {
    this.#form.reset()
    this.#fail("")
    this.#dialog.showModal()
    this.#simulate()
  }

  /** @param {string} name @returns {number | null | undefined} pico-dollars a token */
  #rate(name) {
    return parseAmount(this.#field(name).value, "micro_usd")
  }

  /** @returns {Partial<Price> & {model: string} | null} null: a rate is missing or no amount */
  #price() {
    const rates = RATES.map((name) => [name, this.#rate(name)])
    const long = RATES.map((name) => [`long_${name}`, this.#rate(`long_${name}`) ?? 0])
    const tokens = parseAmount(this.#field("long_prompt_tokens").value, "tokens")
    if (tokens === undefined || rates.some(([, rate]) => typeof rate !== "number")) return null
    return { model: this.#field("model").value.trim(), ...Object.fromEntries([...rates, ...(tokens ? long : [])]), long_prompt_tokens: tokens }
  }

  #simulate() {
    this.#sure(false)
    const price = this.#price()
    const current = price && this.#prices.find(({ model, is_current }) => is_current && model === price.model)
    setText(find(this, "[data-simulation]"), price ? simulation(/** @type {Price} */ (price), current ?? null, this.#sample) : "")
  }

  /** @param {boolean} isSure */
  #sure(isSure) {
    this.#isSure = isSure
    setText(find(this, "[data-save]"), isSure ? "Add it all the same" : "Add")
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault()
    const price = this.#price()
    if (!price) return this.#fail("Prompt, cached and output need a price in dollars, such as 1.50.")
    const begins = this.#field("effective_from").value
    const body = { ...price, note: this.#field("note").value.trim(), effective_from: begins ? new Date(begins).toISOString() : null, sure: this.#isSure }
    await api.post("admin/prices", body, { tries: 1 }).then(() => this.#added(price.model), (error) => this.#refused(error))
  }

  /** @param {string} model */
  async #added(model) {
    this.#dialog.close()
    await act(Promise.resolve(), `A price for ${model} was added.`)
    await this.#load()
  }

  /** @param {unknown} error */
  #refused(error) {
    this.#fail(wordsOf(error))
    if (error instanceof ApiError && error.code === "suspicious_price") this.#sure(true)
  }

  /** @param {string} words */
  #fail(words) {
    setText(find(this, "[data-error]"), words)
  }
}

/** @param {Price} price @param {{prompt: number, output: number}} sample */
function rowFor(price, sample) {
  const row = fromTemplate("price-row")
  const long = price.long_prompt_tokens ? `${exactly(price.long_prompt)} / ${exactly(price.long_output)} above ${compact(price.long_prompt_tokens)}` : "–"
  const words = { model: price.model, holds: holdsWords(price), long, cost: exactly(sampleCost(price, sample)), used: price.last_used ? dayOf(price.last_used) : "never" }
  for (const [name, text] of Object.entries(words)) setText(find(row, `[data-${name}]`), text)
  for (const name of RATES) setText(find(row, `[data-${name}]`), exactly(price[name]))
  row.title = price.note
  return row
}

/** @param {Price} price */
function holdsWords({ is_current, effective_from }) {
  const isLater = Date.parse(effective_from) > Date.now()
  if (isLater) return `from ${timeOf(effective_from)}`
  return is_current ? "now" : "no longer"
}

customElements.define("spend-prices", SpendPrices)
