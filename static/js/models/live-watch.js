// Watches answers that are being written: one that is silent for long is asked after, since any event may be lost.

const FIRST_PATIENCE = 3000
const LONGEST_PATIENCE = 15_000
const ASK_AT_MOST_EVERY = 700
const DEAD_AFTER = 3

/** @typedef {{heardAt: number, askedAt: number, patience: number, unanswered: number, misses: boolean}} Watched */

export class LiveWatch {
  /** @type {Map<Id, Watched>} */
  #watched = new Map()
  #ask
  #giveUp
  #now

  /** @param {{ask: (id: Id) => void, giveUp: () => void, now?: () => number}} edges giveUp: several questions met silence */
  constructor({ ask, giveUp, now = Date.now }) {
    this.#ask = ask
    this.#giveUp = giveUp
    this.#now = now
  }

  /** Something came for this answer. @param {Id} id */
  heard(id) {
    this.#watched.set(id, { heardAt: this.#now(), askedAt: this.#watched.get(id)?.askedAt ?? 0, patience: FIRST_PATIENCE, unanswered: 0, misses: false })
  }

  /** A piece is missing: ask at once, but not for every later piece again. @param {Id} id */
  missing(id) {
    const state = this.#of(id)
    state.misses = this.#now() - state.askedAt < ASK_AT_MOST_EVERY
    if (!state.misses) this.question(id)
  }

  /** Ask now. @param {Id} id */
  question(id) {
    this.#of(id).askedAt = this.#now()
    this.#ask(id)
  }

  /** Call it about once a second. @param {Id[]} live */
  tick(live) {
    for (const id of this.#watched.keys()) if (!live.includes(id)) this.#watched.delete(id)
    for (const id of live) this.#check(id, this.#of(id))
  }

  /** @param {Id} id @param {Watched} state */
  #check(id, state) {
    if (state.misses) return this.missing(id)
    if (this.#now() - Math.max(state.heardAt, state.askedAt) < state.patience) return
    state.patience = Math.min(state.patience * 2, LONGEST_PATIENCE)
    if (++state.unanswered > DEAD_AFTER) this.#despair(state)
    else this.question(id)
  }

  /** @param {{unanswered: number}} state */
  #despair(state) {
    state.unanswered = 0
    this.#giveUp()
  }

  /** @param {Id} id */
  #of(id) {
    if (!this.#watched.has(id)) this.heard(id)
    return /** @type {Watched} */ (this.#watched.get(id))
  }
}
