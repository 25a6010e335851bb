// What was typed and not sent, kept for each conversation, so that neither a switch nor a reload loses it.

import { readJson } from "lib/storage.js"

const KEPT = 200

export class Drafts {
  #store
  #key

  /** @param {StorageLike} store @param {Id} person drafts of one person are not another's on the same machine */
  constructor(store, person) {
    this.#store = store
    this.#key = `drafts:${person}`
  }

  /** @param {Id | null} place a conversation, an edited message, or null: the chat that does not exist yet */
  read(place) {
    return String(this.#all()[place ?? "new"] ?? "")
  }

  /** @param {Id | null} place @param {string} text */
  write(place, text) {
    const { [place ?? "new"]: _, ...others } = this.#all()
    const all = text ? { ...others, [place ?? "new"]: text } : others
    this.#store.setItem(this.#key, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-KEPT))))
  }

  /** @returns {Record<string, string>} newest last */
  #all() {
    return readJson(this.#store, this.#key, {})
  }
}
