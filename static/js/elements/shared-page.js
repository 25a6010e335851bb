// A shared chat: says that it was opened, and follows the chat if the link is live.

import { find, fromTemplate, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { SharedWatch } from "models/shared-watch.js"

const TIMEOUT = 15_000
const ENDED = "This link does not open any more. What you see is what it showed last."

class SharedPage extends HTMLElement {
  #leaving = new AbortController()
  /** @type {SharedWatch | null} */
  #watch = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.#name(find(this, "[data-title]").textContent)
    fetch(this.#address("seen"), { method: "POST" }).catch(() => {})
    if (this.dataset.kind === "live") this.#follow(signal)
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#watch?.rest()
  }

  /** @param {string} what */
  #address(what) {
    return `/s/${this.dataset.token}/${what}`
  }

  /** @param {string} title */
  #name(title) {
    document.title = `${title || "A shared chat"} · Webchat`
  }

  /** @param {AbortSignal} signal */
  #follow(signal) {
    const watch = (this.#watch = new SharedWatch({
      version: Number(this.dataset.version),
      ask: (since) => ask(this.#address(`changes?since=${since}`)),
      changed: (changes) => this.#show(changes),
      ended: () => this.#end(),
    }))
    const look = () => (document.hidden ? watch.rest() : void watch.look())
    document.addEventListener("visibilitychange", look, { signal })
    look()
  }

  /** @param {import("models/shared-watch.js").SharedChanges} changes */
  #show({ title, messages, gone, last }) {
    setText(find(this, "[data-title]"), title || "A shared chat")
    this.#name(title)
    for (const turn of this.#turns) if (turn.number > (last ?? Infinity) || gone.includes(turn.number)) turn.remove()
    for (const message of messages) this.#place(message)
    setText(find(this, "[data-count]"), counted(this.#turns.length, "message"))
  }

  /** @returns {any[]} */
  get #turns() {
    return [...this.querySelectorAll("shared-turn")]
  }

  /** @param {SharedMessage} message */
  #place(message) {
    const here = this.#turns.find((turn) => turn.number === message.id)
    if (here?.dataset.role === message.role) return here.show(message)
    const turn = fromTemplate(message.role === "user" ? "shared-question" : "shared-answer")
    turn.dataset.number = String(message.id)
    const next = this.#turns.find((other) => other.number > message.id) ?? find(this, "[data-ended]")
    here?.remove()
    next.before(turn)
    ;/** @type {any} */ (turn).show(message)
  }

  #end() {
    find(this, "[data-ended]").hidden = false
    setText(find(this, "[data-ended] span"), ENDED)
    this.querySelector("[data-follows]")?.remove()
    for (const turn of this.#turns) turn.removeAttribute("aria-busy")
  }
}

/** @param {string} address @returns {Promise<import("models/shared-watch.js").SharedAnswer>} */
async function ask(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT) })
    const changes = response.ok ? await response.json() : null
    return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0, changes }
  } catch {
    return { status: 0, retryAfter: 0, changes: null }
  }
}

customElements.define("shared-page", SharedPage)
