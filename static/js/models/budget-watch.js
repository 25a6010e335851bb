// A person's budget as it is now: asked for again when something changed, but not more often than every two seconds.

const EVERY = 2000

/** Event: "changed". What cannot be read stays as it was: the next change, or look, asks again. */
export class BudgetWatch extends EventTarget {
  /** @type {Budget | null} */
  budget = null
  #api
  #now
  #wait
  #askedAt = -Infinity
  #wanted = false
  #busy = false

  /** @param {{get: (path: string) => Promise<any>}} api @param {{now?: () => number, wait?: (ms: number) => Promise<void>}} [edges] */
  constructor(api, { now = Date.now, wait = pause } = {}) {
    super()
    this.#api = api
    this.#now = now
    this.#wait = wait
  }

  async need() {
    this.#wanted = true
    if (this.#busy) return
    this.#busy = true
    while (this.#wanted) await this.#askInTime()
    this.#busy = false
  }

  async #askInTime() {
    const early = this.#askedAt + EVERY - this.#now()
    if (early > 0) await this.#wait(early)
    this.#wanted = false
    this.#askedAt = this.#now()
    await this.#ask().catch(() => {})
  }

  async #ask() {
    this.budget = await this.#api.get("me/budget")
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
