// Asks for what was missed, one question at a time, until nothing is left to ask for.

const PAUSE = 1000

export class CatchUp {
  #ask
  #wait
  #running = false
  #again = false

  /**
   * @param {() => Promise<boolean>} ask one round; true: there is more
   * @param {(ms: number) => Promise<void>} [wait]
   */
  constructor(ask, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
    this.#ask = ask
    this.#wait = wait
  }

  /** Something was missed. What is missed while a question runs is asked for after a pause, not with a request each. */
  async need() {
    this.#again = true
    if (this.#running) return
    this.#running = true
    try {
      await this.#untilNothingIsLeft()
    } finally {
      this.#running = false
    }
  }

  async #untilNothingIsLeft() {
    for (let round = 0; this.#again; round++) {
      if (round) await this.#wait(PAUSE)
      this.#again = false
      while (await this.#ask());
    }
  }
}
