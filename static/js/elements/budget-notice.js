// Why the last question was refused for money, and the ways out: ask for more, another model, a new chat, and send it
// when there is room again. What was typed is in the message box meanwhile.

import { emit, find, isTouch, setIcon, setText } from "lib/dom.js"
import { cheaperModel, currentRequest, explain, hasRoom, offers } from "models/budget-refusal.js"
import { requested } from "models/budget-view.js"
import { modelName } from "models/turn-view.js"

class BudgetNotice extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Refusal | null} */
  #refusal = null
  #kept = false
  /** @type {Budget | null} */
  #budget = null
  /** As it was when the question was refused. @type {Budget | null} */
  #before = null
  /** @type {Page | null} */
  #page = null
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** The person chose a cheaper one. */
  #hasSwitched = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => (this.#page = detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#turnTo(detail.session), { signal })
    document.addEventListener("budget.refused", ({ detail }) => this.#refuse(detail), { signal })
    document.addEventListener("budget.known", ({ detail }) => this.#know(detail.budget), { signal })
    document.addEventListener("chat.asked", () => this.#forget(), { signal })
    this.addEventListener("click", (event) => this.#act(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #turnTo(session) {
    this.#session = session
    this.#forget()
  }

  /** @param {{refusal: Refusal, kept: boolean}} refused */
  #refuse({ refusal, kept }) {
    this.#refusal = refusal
    this.#kept = kept
    this.#before = null
    this.#hasSwitched = false
    this.#show()
  }

  // The first figures after a refusal are those that it came from.
  /** @param {Budget} budget */
  #know(budget) {
    this.#budget = budget
    this.#before ??= this.#refusal && budget
    this.#show()
  }

  #forget() {
    this.#refusal = null
    this.#show()
  }

  get #hasRoom() {
    return Boolean(this.#refusal && this.#before && this.#budget && hasRoom(this.#refusal, this.#before, this.#budget))
  }

  #show() {
    this.hidden = !this.#refusal
    if (!this.#refusal) return
    if (this.#hasRoom || this.#hasSwitched) this.#showRoom()
    else this.#showRefusal(this.#refusal)
  }

  // What is refused in a turn has its own button there.
  #showRoom() {
    this.hidden = !this.#kept
    const granted = currentRequest(this.#budget)?.state === "granted"
    this.#say("ok", "circle-check", this.#hasRoom ? (granted ? "You were granted more." : "Your budget has room again.") : "", this.#hasRoom ? noteOf(this.#budget) : `${this.#chosenName} answers next.`)
    this.#offer({ send: true })
  }

  /** @param {Refusal} refusal */
  #showRefusal(refusal) {
    const { title, words } = explain(refusal, new Date())
    const request = currentRequest(this.#budget)
    const isOpen = request?.state === "open"
    this.#say("warn", "gauge", title, [words, isOpen && `You asked for ${requested(request)}: sent, not decided yet.`, request?.state === "declined" && `Your request was declined${request.note ? `: “${request.note}”` : "."}`].filter(Boolean).join(" "))
    this.#offer({
      more: offers(refusal, "request_more") && !isOpen && refusal.reason !== "in_flight",
      withdraw: isOpen,
      fresh: this.#kept && refusal.reason === "request_too_large",
      cheaper: Boolean(this.#cheaper),
      again: this.#kept && refusal.reason === "in_flight",
    })
  }

  /** @param {string} tone @param {string} icon @param {string} title @param {string} words */
  #say(tone, icon, title, words) {
    this.dataset.tone = tone
    setIcon(find(this, ".icon"), icon)
    setText(find(this, "[data-title]"), title)
    setText(find(this, "[data-words]"), words)
  }

  /** @param {Record<string, boolean>} ways */
  #offer(ways) {
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-way]"))) button.hidden = !ways[button.dataset.way ?? ""]
    if (ways.cheaper) setText(find(this, '[data-way="cheaper"] span'), `Use ${modelName(this.#cheaper?.id, this.#page?.models.items ?? [])}`)
  }

  /** @returns {Model | null} */
  get #cheaper() {
    const { items } = this.#page?.models ?? { items: [] }
    return this.#refusal && cheaperModel(this.#refusal, items, this.#budget?.prices ?? {}, this.#session?.chosen.model ?? "")
  }

  get #chosenName() {
    return `Gemini ${modelName(this.#session?.chosen.model, this.#page?.models.items ?? [])}`
  }

  /** @param {MouseEvent} event */
  #act(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-way]"))
    const way = button?.dataset.way
    if (way === "more") emit(this, "more.wanted", { unit: this.#refusal?.unit })
    if (way === "withdraw") emit(this, "more.withdrawn", { id: this.#budget?.request?.id })
    if (way === "send" || way === "again") emit(this, "composer.sent")
    if (way === "fresh") emit(this, "composer.moved")
    if (way === "cheaper") this.#switch()
    if ((way === "withdraw" || way === "cheaper") && !isTouch()) emit(this, "composer.focused")
  }

  #switch() {
    emit(this, "model.chosen", { model: this.#cheaper?.id })
    this.#hasSwitched = true
    this.#session?.addEventListener("changed", () => this.#show(), { once: true })
    this.#show()
  }
}

/** @param {Budget | null} budget */
function noteOf(budget) {
  const note = currentRequest(budget)?.note
  return note ? `“${note}” Your message is kept.` : "Your message is kept."
}

customElements.define("budget-notice", BudgetNotice)
