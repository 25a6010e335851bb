// Asks what has changed behind a live link, every two seconds while somebody looks. Knows nothing of the DOM.

const EVERY = 2000
const LONGEST = 60_000

/** @typedef {{version: number, title: string, messages: SharedMessage[], gone: number[], last: number | null}} SharedChanges last null: as before */
/** @typedef {{status: number, retryAfter: number, changes: SharedChanges | null}} SharedAnswer status 0: no answer at all; retryAfter: seconds */

export class SharedWatch {
  #ask
  #changed
  #ended
  #wait
  #version
  #failures = 0
  #isLooking = false
  /** Raised by every start and stop: what an older round still waits for is not acted upon. */
  #round = 0

  /**
   * @param {{version: number, ask: (since: number) => Promise<SharedAnswer>, changed: (changes: SharedChanges) => void, ended: () => void, wait?: (ms: number) => Promise<void>}} edges
   */
  constructor({ version, ask, changed, ended, wait = pause }) {
    this.#version = version
    this.#ask = ask
    this.#changed = changed
    this.#ended = ended
    this.#wait = wait
  }

  /** Somebody looks: ask at once and go on. */
  async look() {
    if (this.#isLooking) return
    this.#isLooking = true
    const round = ++this.#round
    while (round === this.#round) {
      await this.#once(round)
      if (round === this.#round) await this.#wait(waitFor(this.#failures))
    }
  }

  /** Nobody looks. */
  rest() {
    this.#isLooking = false
    this.#round++
  }

  /** @param {number} round */
  async #once(round) {
    const { status, retryAfter, changes } = await this.#ask(this.#version)
    if (round !== this.#round) return
    if (status === 404) return this.#end()
    this.#failures = changes ? 0 : this.#failures + 1
    if (changes) this.#take(changes)
    else if (retryAfter) await this.#wait(Math.min(retryAfter * 1000, LONGEST))
  }

  /** @param {SharedChanges} changes */
  #take(changes) {
    this.#version = changes.version
    this.#changed(changes)
  }

  #end() {
    this.rest()
    this.#isLooking = true // for good
    this.#ended()
  }
}

/** @param {number} failures in a row @returns {number} milliseconds */
export function waitFor(failures) {
  return Math.min(EVERY * 2 ** failures, LONGEST)
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
