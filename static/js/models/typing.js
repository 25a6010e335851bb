// Who is typing: a hint that is told now and then and forgotten soon.

const TELL_EVERY = 3000
const FORGOTTEN_AFTER = 5000
const NAMED = 3

/** When to tell the others. */
export class TypingSignal {
  #toldAt = -Infinity

  /** @param {string} text @param {number} now ms @returns {boolean} whether to tell it now */
  typed(text, now) {
    if (!text.trim() || now - this.#toldAt < TELL_EVERY) return false
    this.#toldAt = now
    return true
  }

  /** What was typed is sent: the next key is news. */
  sent() {
    this.#toldAt = -Infinity
  }
}

export class TypingPeople {
  /** @type {Map<Id, {name: string, at: number}>} */
  #people = new Map()

  /** @param {Person} person @param {number} now ms */
  hear({ id, name }, now) {
    this.#people.set(id, { name, at: now })
  }

  /** Their message has come. @param {Id} id */
  forget(id) {
    this.#people.delete(id)
  }

  /** @param {number} now ms @returns {string[]} the names of those who typed a moment ago */
  names(now) {
    for (const [id, { at }] of this.#people) if (now - at >= FORGOTTEN_AFTER) this.#people.delete(id)
    return [...this.#people.values()].map(({ name }) => name)
  }
}

/** @param {string[]} names @returns {string} "Ben is typing", "Ben and Cyd are typing", "" */
export function typingWords(names) {
  if (!names.length) return ""
  if (names.length === 1) return `${names[0]} is typing`
  const shown = names.length > NAMED ? [...names.slice(0, NAMED - 1), `${names.length - NAMED + 1} others`] : names
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)} are typing`
}
