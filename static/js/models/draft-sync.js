// A draft on this device and the same on the server. What differs from what both last agreed on is newer, so it wins.

import { Drafts } from "models/draft.js"

/** ms */
const ECHO = 10_000

export class DraftSync {
  #drafts
  #agreed
  /** What this page has told, and when: it may come back late and is no news then. @type {Map<string, number>} */
  #told = new Map()
  #now

  /** @param {StorageLike} store @param {Id} person @param {() => number} [now] ms */
  constructor(store, person, now = Date.now) {
    this.#now = now
    this.#drafts = new Drafts(store, person)
    this.#agreed = new Drafts(store, `${person}:agreed`)
  }

  /** @param {Id | null} place @returns {string} */
  read(place) {
    return this.#drafts.read(place)
  }

  /** @param {Id | null} place @param {string} text */
  write(place, text) {
    this.#drafts.write(place, text)
  }

  /** The server has it. @param {Id} place @param {string} text */
  agree(place, text) {
    this.#told.set(text, this.#now())
    this.#agreed.write(place, text)
  }

  /**
   * What the box should hold, now that the server's draft is known.
   * @param {Id} place @param {string} here what it holds @param {string} there the server's
   * @returns {{text: string, isNews: boolean}} isNews: the server does not have it yet
   */
  merged(place, here, there) {
    if (here !== this.#agreed.read(place)) return { text: here, isNews: here !== there }
    if (this.#now() - (this.#told.get(there) ?? -Infinity) < ECHO) return { text: here, isNews: false }
    this.#agreed.write(place, there)
    return { text: there, isNews: false }
  }
}
