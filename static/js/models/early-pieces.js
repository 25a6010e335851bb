// Pieces of answers that came before the text in front of them. With several servers the piece that closes a hole may take
// another way than those behind it; what is kept here need not be asked for again.

const AT_MOST = 300

export class EarlyPieces {
  /** @type {Map<Id, {offset: number, text: string}[]>} */
  #kept = new Map()
  /** Of an answer that was begun again a piece may be a late one of the text before, so none is kept. @type {Set<Id>} */
  #begunAgain = new Set()

  /** @param {Id} id of an answer @param {number} offset @param {string} text @returns {"gap"} */
  keep(id, offset, text) {
    const pieces = this.#kept.get(id) ?? []
    if (pieces.length < AT_MOST && !this.#begunAgain.has(id)) this.#kept.set(id, [...pieces, { offset, text }])
    return "gap"
  }

  /** The text with all that fits behind it now. @param {Id} id @param {string} text @returns {string} */
  filled(id, text) {
    const pieces = this.#kept.get(id)
    if (!pieces) return text
    for (const piece of pieces.toSorted((one, other) => one.offset - other.offset)) text = joined(text, piece)
    const left = pieces.filter(({ offset }) => offset > text.length)
    if (left.length) this.#kept.set(id, left)
    else this.#kept.delete(id)
    return text
  }

  /** @param {Id} id of an answer that was begun again, or seems to be */
  distrust(id) {
    this.forget(id)
    this.#begunAgain.add(id)
  }

  /** @param {Id} id */
  forget(id) {
    this.#kept.delete(id)
  }
}

/** @param {string} text @param {{offset: number, text: string}} piece */
function joined(text, piece) {
  return piece.offset <= text.length ? text + piece.text.slice(text.length - piece.offset) : text
}
