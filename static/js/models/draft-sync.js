// The draft in one message box, on this device and on the server. What differs from what the box last agreed on with the
// server is newer, so it wins. Tabs share what is on the device: each knows for itself what it agreed on, and leaves
// alone what it did not write.

import { Drafts } from "models/draft.js"

/** ms */
const ECHO = 10_000

export class DraftSync {
  #drafts
  #shared
  /** What this page's box last agreed on with the server. @type {Map<Id | null, string>} */
  #agreed = new Map()
  /** Where something was typed into this page's box since then. @type {Set<Id | null>} */
  #typed = new Set()
  /** What this page has told, and when: it may come back late and is no news then. @type {Map<string, number>} */
  #told = new Map()
  /** What came back late, until the server says something else. @type {Map<Id, string>} */
  #echoes = new Map()
  #now

  /** @param {StorageLike} store @param {Id} person @param {() => number} [now] ms */
  constructor(store, person, now = Date.now) {
    this.#now = now
    this.#drafts = new Drafts(store, person)
    this.#shared = new Drafts(store, `${person}:agreed`)
  }

  /** What a box that turns to this place begins with. @param {Id | null} place @returns {string} */
  read(place) {
    this.#typed.delete(place)
    this.#agreed.set(place, this.#shared.read(place))
    return this.#drafts.read(place)
  }

  /** Somebody types into the box. @param {Id | null} place */
  type(place) {
    this.#typed.add(place)
  }

  /** Keep what the box holds, if it was typed here. @param {Id | null} place @param {string} text */
  keep(place, text) {
    if (this.#typed.has(place)) this.write(place, text)
  }

  /** @param {Id | null} place @param {string} text */
  write(place, text) {
    this.#drafts.write(place, text)
  }

  /** Put a text above the draft of a place that is not on screen. @param {Id} place @param {string} text */
  add(place, text) {
    this.write(place, both(text, this.#drafts.read(place)))
  }

  /** The server has it. @param {Id} place @param {string} text @param {string} [here] what the box holds, if it is at this place */
  agree(place, text, here) {
    this.#told.set(`${place} ${text}`, this.#now())
    this.#agreed.set(place, text)
    this.#shared.write(place, text)
    if (here === text) this.#typed.delete(place)
  }

  /**
   * What the box should hold, now that the server's draft is known.
   * @param {Id} place @param {string} here what it holds @param {string} there the server's
   * @returns {{text: string, isNews: boolean}} isNews: the server does not have it yet
   */
  merged(place, here, there) {
    if (here !== this.#agreedOn(place)) return { text: here, isNews: here !== there }
    if (this.#isEcho(place, here, there)) return { text: here, isNews: false }
    this.#take(place, there)
    return { text: there, isNews: false }
  }

  /** @param {Id} place @param {string} here @param {string} there */
  #isEcho(place, here, there) {
    const isLate = this.#now() - (this.#told.get(`${place} ${there}`) ?? -Infinity) < ECHO
    const isEcho = here !== there && (isLate || this.#echoes.get(place) === there)
    if (isEcho) this.#echoes.set(place, there)
    else this.#echoes.delete(place)
    return isEcho
  }

  /** @param {Id} place */
  #agreedOn(place) {
    return this.#agreed.get(place) ?? this.#shared.read(place)
  }

  // What another tab keeps here and has not told yet stays.
  /** @param {Id} place @param {string} there */
  #take(place, there) {
    const isUntold = this.#drafts.read(place) !== this.#shared.read(place)
    this.#agreed.set(place, there)
    this.#typed.delete(place)
    if (isUntold) return
    this.#drafts.write(place, there)
    this.#shared.write(place, there)
  }
}

/** Two texts below each other, or the one that there is. @param {string[]} texts */
export function both(...texts) {
  return texts.filter((text) => text.trim()).join("\n\n")
}
