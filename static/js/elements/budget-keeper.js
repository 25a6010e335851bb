// Keeps what is known of the person's budget: reads it, tells the page, and carries requests for more to the server.

import { Api, problemOf } from "lib/api.js"
import { emit } from "lib/dom.js"
import { BudgetWatch } from "models/budget-watch.js"

/** Any event may be lost. */
const LOOK_AGAIN_EVERY = 60_000

class BudgetKeeper extends HTMLElement {
  #leaving = new AbortController()
  #api = new Api({ signedOut: () => location.reload() })
  #watch = new BudgetWatch(this.#api)

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.#watch.addEventListener("changed", () => emit(this, "budget.known", { budget: this.#watch.budget }), { signal })
    for (const type of ["budget.changed", "budget.refused", "connection.found"]) document.addEventListener(type, () => this.#watch.need(), { signal })
    document.addEventListener("visibilitychange", () => this.#look(), { signal })
    document.addEventListener("more.asked", ({ detail }) => this.#ask(detail), { signal })
    document.addEventListener("more.withdrawn", ({ detail }) => this.#withdraw(detail.id), { signal })
    const looking = setInterval(() => this.#look(), LOOK_AGAIN_EVERY)
    signal.addEventListener("abort", () => clearInterval(looking))
    this.#watch.need()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  #look() {
    if (document.visibilityState === "visible") this.#watch.need()
  }

  /** @param {AskedMore} asked */
  async #ask({ fields, done, failed }) {
    try {
      await this.#api.post("me/budget/requests", fields)
      done()
    } catch (error) {
      failed(error)
    }
    this.#watch.need()
  }

  /** @param {Id} id */
  async #withdraw(id) {
    try {
      await this.#api.delete(`me/budget/requests/${id}`)
    } catch (error) {
      emit(this, "toast.shown", { text: problemOf(error).detail, tone: "bad" })
    }
    this.#watch.need()
  }
}

customElements.define("budget-keeper", BudgetKeeper)
