// Messages on their way: kept in the browser until the server has acknowledged them, so that no text is ever lost.

import { readJson } from "lib/storage.js"

const RESEND_WITHIN = 10 * 60_000

/**
 * @typedef {object} Parcel
 * @property {Id} id of the message, made here: sending it twice makes one message
 * @property {Id} conversation
 * @property {Id | null} parent
 * @property {string} content
 * @property {ChatSettings | null} opens the settings of the conversation if this message begins it
 * @property {boolean} [reply] whether the model is to answer; missing: yes
 * @property {boolean} [at_end] whether it goes to the end of the branch below its parent, wherever that is by then
 * @property {number} sentAt milliseconds
 * @property {Problem | null} problem why it did not arrive; null: still trying
 */

export class Outbox {
  #store
  #key

  /** @param {StorageLike} store @param {Id} person */
  constructor(store, person) {
    this.#store = store
    this.#key = `outbox:${person}`
  }

  /** @returns {Parcel[]} oldest first */
  all() {
    return readJson(this.#store, this.#key, [])
  }

  /** @param {Id | null} conversation null: what was to begin a chat that the server never made */
  of(conversation) {
    return this.all().filter((parcel) => (conversation ? parcel.conversation === conversation : parcel.opens))
  }

  /** @param {Id} id */
  get(id) {
    return this.all().find((parcel) => parcel.id === id)
  }

  /** @param {Parcel} parcel */
  keep(parcel) {
    this.#write([...this.all().filter(({ id }) => id !== parcel.id), parcel])
  }

  /** The server has it. @param {Id} id */
  done(id) {
    this.#write(this.all().filter((parcel) => parcel.id !== id))
  }

  /** The conversation exists now: what begins it is an ordinary message. @param {Id} conversation */
  opened(conversation) {
    this.#write(this.all().map((parcel) => (parcel.conversation === conversation ? { ...parcel, opens: null } : parcel)))
  }

  /** @param {Id} id @param {Problem | null} problem */
  mark(id, problem) {
    this.#write(this.all().map((parcel) => (parcel.id === id ? { ...parcel, problem } : parcel)))
  }

  /** @param {Parcel[]} parcels */
  #write(parcels) {
    if (parcels.length) this.#store.setItem(this.#key, JSON.stringify(parcels))
    else this.#store.removeItem(this.#key)
  }
}

/** Whether a reload should send it by itself: the person pressed Send a moment ago. @param {Parcel} parcel @param {number} now */
export function isFresh(parcel, now) {
  return !parcel.problem && now - parcel.sentAt < RESEND_WITHIN
}
