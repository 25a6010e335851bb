// One message of a shared chat. It is complete before this runs: here its answer is formatted and can be copied.

import { copyText } from "lib/clipboard.js"
import { find, setIcon, setText } from "lib/dom.js"
import { initials } from "lib/people.js"
import { isLive } from "models/status.js"

const COPIED_FOR = 1600

class SharedTurn extends HTMLElement {
  #leaving = new AbortController()
  #isDrawn = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    if (this.#isAnswer) this.#draw()
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get number() {
    return Number(this.dataset.number)
  }

  get #isAnswer() {
    return this.dataset.role === "assistant"
  }

  /** @param {SharedMessage} message of the same role */
  show(message) {
    this.dataset.number = String(message.id)
    if (this.#isAnswer) this.#showAnswer(message)
    else this.#showQuestion(message)
  }

  /** The plain text that came with the page, as the chat draws it. */
  #draw() {
    if (this.#isDrawn) return
    this.#isDrawn = true
    const text = find(this, "[data-text]")
    const prose = Object.assign(document.createElement("answer-prose"), { className: "prose", dir: "auto" })
    prose.toggleAttribute("data-text", true)
    const source = text.textContent ?? ""
    text.replaceWith(prose)
    this.#write(source, /** @type {Status} */ (this.dataset.status))
  }

  /** @param {SharedMessage} message */
  #showQuestion({ name, hue, content }) {
    setText(find(this, "[data-name]"), name)
    setText(find(this, "[data-text]"), content)
    setText(find(this, "[data-avatar]"), /^Person ([A-Z]{1,2})$/.exec(name)?.[1] ?? initials(name))
    find(this, "[data-avatar]").dataset.hue = String(hue)
  }

  /** @param {SharedMessage} message */
  #showAnswer({ model, content, status }) {
    setText(find(this, "[data-model]"), (model ?? "").replace(/^gemini[ -]/i, ""))
    this.#draw()
    this.#write(content, status)
  }

  /** @param {string} source @param {Status} status */
  #write(source, status) {
    const isRunning = isLive(status)
    this.dataset.status = status
    this.toggleAttribute("aria-busy", isRunning)
    if (isRunning) this.setAttribute("aria-busy", "true")
    find(this, ".mark").toggleAttribute("data-live", isRunning)
    find(this, "[data-text]").show(source, { final: !isRunning })
    find(this, "[data-copy]").hidden = isRunning
    find(this, "[data-early]").hidden = !earlyEnd(status)
    setText(find(this, "[data-early] span"), earlyEnd(status))
  }

  /** @param {MouseEvent} event */
  async #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-copy]")
    if (!button) return
    const isDone = await copyText(find(this, "[data-text]").text)
    label(button, isDone ? "check" : "x", isDone ? "Copied" : "Not copied")
    setTimeout(() => label(button, "copy", "Copy"), COPIED_FOR)
  }
}

/** @param {Status} status */
function earlyEnd(status) {
  if (status === "completed" || isLive(status)) return ""
  return status === "stopped" ? "Stopped before its end." : "Cut off before its end."
}

/** @param {Element} button @param {string} icon @param {string} words */
function label(button, icon, words) {
  setIcon(find(button, ".icon"), icon)
  setText(find(button, "span"), words)
}

customElements.define("shared-turn", SharedTurn)
