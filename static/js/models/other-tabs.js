// Whether the person looks at another tab of the chat in this browser. The tabs ask each other.

const ANSWER_WITHIN = 200

/** @typedef {{postMessage(message: any): void, addEventListener(type: "message", work: (event: MessageEvent) => void): void, close(): void}} Channel */

export class OtherTabs {
  #channel
  #isLookedAt
  #wait
  #answers = 0

  /** @param {Channel} channel of one person's tabs @param {{isLookedAt: () => boolean, wait?: () => Promise<void>}} edges whether this tab is before the person's eyes; how long others may take */
  constructor(channel, { isLookedAt, wait = aMoment }) {
    this.#channel = channel
    this.#isLookedAt = isLookedAt
    this.#wait = wait
    channel.addEventListener("message", ({ data }) => this.#hear(data))
  }

  /** @returns {Promise<boolean>} */
  async areLookedAt() {
    const before = this.#answers
    this.#channel.postMessage("who is looked at?")
    await this.#wait()
    return this.#answers > before
  }

  close() {
    this.#channel.close()
  }

  /** @param {string} said */
  #hear(said) {
    if (said === "this one") this.#answers++
    else if (this.#isLookedAt()) this.#channel.postMessage("this one")
  }
}

/** @returns {Promise<void>} */
function aMoment() {
  return new Promise((resolve) => setTimeout(resolve, ANSWER_WITHIN))
}
