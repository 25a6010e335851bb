// A row of the table of people, drawn again without losing what is being typed into it.

import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { wordsOf } from "lib/trouble.js"
import { compact, exactly, limitWords, money, mostOf, parseAmount, STATES, toField, until } from "models/spend-amounts.js"
import { askGrant, askLimit, block, reset, ruleOf, setLimit } from "admin/actions.js"
import { dayOf, drawMeter, drawSpark, drawState } from "admin/office.js"

const DO = /** @type {Record<string, (person: Spender) => unknown>} */ ({
  open: ({ id }) => emit(document, "person.shown", { id }),
  limit: askLimit,
  grant: askGrant,
  block,
  reset,
})

export class PersonRow {
  /** @param {Spender} person */
  constructor(person) {
    this.person = person
    this.element = fromTemplate("person-row")
    this.#linkMenu(person.id)
    this.element.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)))
    this.draw(person)
  }

  /** @returns {HTMLInputElement} */
  get check() {
    return find(this.element, "[data-check]")
  }

  /** @param {string} id */
  #linkMenu(id) {
    find(this.element, "[data-menu]").id = `menu-${id}`
    find(this.element, "[data-menu-button]").setAttribute("popovertarget", `menu-${id}`)
  }

  /** @param {Element} target */
  #clicked(target) {
    const item = /** @type {HTMLElement | null} */ (target.closest("[data-do]"))
    if (item) DO[item.dataset.do ?? ""](this.person)
    else if (target.closest("[data-open]")) DO.open(this.person)
    else if (target.closest("[data-limit]")) this.#edit()
  }

  /** @param {Spender} person */
  draw(person) {
    this.person = person
    this.#drawPerson(person)
    this.#drawSpending(person)
    this.#drawLimit(person)
    this.#set("resets", until(person.ends, Date.now()), person.ends ? new Date(person.ends).toLocaleString("en-GB") : "")
    this.#set("active", person.last_active ? dayOf(person.last_active) : "never")
    find(this.element, '[data-do="reset"]').hidden = !person.has_own
    find(this.element, '[data-do="block"]').hidden = person.state === "blocked"
  }

  /** @param {Spender} person */
  #drawPerson(person) {
    const { name } = person
    drawFace(find(this.element, "[data-avatar]"), person)
    this.#set("name", name, person.email)
    this.#set("group", [person.group_name, person.is_active ? "" : "suspended"].filter(Boolean).join(", "))
    for (const chip of ["chip", "chip-below"]) this.#drawChip(chip, person)
    this.check.setAttribute("aria-label", `Select ${name}`)
    find(this.element, "[data-menu-button]").setAttribute("aria-label", `What to do about ${name}`)
    find(this.element, "[data-menu]").setAttribute("aria-label", name)
  }

  /** @param {string} name @param {Spender} person */
  #drawChip(name, person) {
    drawState(find(this.element, `[data-${name}]`), person.state)
    if (person.state === "over") this.#set(name, overWords(person))
  }

  /** @param {Spender} person */
  #drawSpending(person) {
    const estimated = person.estimated_tokens ? `, of these ${compact(person.estimated_tokens)} estimated` : ""
    this.#set("spent", money(person.spent_micro_usd), exactly(person.spent_micro_usd))
    this.#set("tokens", compact(person.spent_tokens), `${person.spent_tokens.toLocaleString("en-US")} tokens${estimated}`)
    this.#set("percent", person.permille === null ? "" : `${Math.round(person.permille / 10)} %`)
    drawMeter(find(this.element, "[data-meter]"), person, person.state, meterWords(person))
    drawSpark(find(this.element, "[data-spark]"), person.days, `Last 14 days: ${money(person.days.reduce((one, other) => one + other, 0))}`)
  }

  /** @param {Spender} person */
  #drawLimit(person) {
    const most = mostOf(person)
    const words = limitWords(most.tokens, most.micro_usd, person.period)
    this.#set("limit", words, person.granted_tokens || person.granted_micro_usd ? "With what was granted for this period" : "")
    find(this.element, "[data-limit]").setAttribute("aria-label", `Limit of ${person.name}: ${words}. Change it`)
  }

  /** @param {string} name @param {string} words @param {string} [title] */
  #set(name, words, title = "") {
    const element = find(this.element, `[data-${name}]`)
    setText(element, words)
    if (title) element.title = title
  }

  #edit() {
    const form = /** @type {HTMLFormElement} */ (fromTemplate("inline-limit"))
    const rule = ruleOf(this.person)
    for (const unit of ["micro_usd", "tokens"]) fieldOf(form, unit).value = toField(unit, /** @type {any} */ (rule)[`limit_${unit}`])
    find(this.element, "[data-limit-cell]").append(form)
    find(this.element, "[data-limit]").hidden = true
    form.addEventListener("submit", (event) => this.#save(event, form))
    form.addEventListener("keydown", ({ key }) => key === "Escape" && this.#leave(form))
    find(form, "[data-cancel]").addEventListener("click", () => this.#leave(form))
    fieldOf(form, "micro_usd").select()
  }

  /** @param {Event} event @param {HTMLFormElement} form */
  async #save(event, form) {
    event.preventDefault()
    const [micro, tokens] = ["micro_usd", "tokens"].map((unit) => parseAmount(fieldOf(form, unit).value, unit))
    if (micro === undefined || tokens === undefined) return setText(find(form, "[data-error]"), "Write an amount such as 20, 1.5M or 200k.")
    const limit = { period: this.person.period, limit_tokens: tokens, limit_micro_usd: micro }
    await setLimit(this.person, limit).then(() => this.#leave(form), (error) => setText(find(form, "[data-error]"), wordsOf(error)))
  }

  /** @param {HTMLFormElement} form */
  #leave(form) {
    const button = find(this.element, "[data-limit]")
    form.remove()
    button.hidden = false
    button.focus()
  }
}

/** @param {HTMLFormElement} form @param {string} name */
function fieldOf(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name))
}

/** @param {Spender} person */
export function meterWords(person) {
  const most = mostOf(person)
  const share = person.permille === null ? "" : `, ${(person.permille / 10).toFixed(0)} per cent`
  const held = person.held_micro_usd || person.held_tokens ? ` and ${money(person.held_micro_usd)} reserved` : ""
  return `${person.name}: ${money(person.spent_micro_usd)} spent${held}, ${limitWords(most.tokens, most.micro_usd)}${share}`
}

/** @param {Spender} person */
function overWords(person) {
  const most = mostOf(person)
  const micro = most.micro_usd === null ? 0 : person.spent_micro_usd - most.micro_usd
  return micro > 0 ? `Over by ${money(micro)}` : `${STATES.over.word} by ${compact(person.spent_tokens - Number(most.tokens))}`
}
