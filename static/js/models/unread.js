// In which conversations there is something that the person has not seen, whatever part of the list is on screen.

const MOST = 99

/** @param {number} count @returns {string} "4", "99+", and nothing for none */
export function countWords(count) {
  if (count <= 0) return ""
  return count > MOST ? `${MOST}+` : String(count)
}

export class UnreadChats {
  /** When each was last active, of those that have something unread and are not archived. @type {Map<Id, string>} */
  #chats = new Map()

  /** @param {Conversation} conversation as it is now */
  see({ id, unread, archived, updated_at }) {
    if (unread && !archived) this.#chats.set(id, updated_at)
    else this.#chats.delete(id)
  }

  /** @param {Id} id */
  forget(id) {
    this.#chats.delete(id)
  }

  /** The newest conversations, whole: what would be among them and is not is gone. @param {Conversation[]} items newest first @param {boolean} isAll nothing older follows */
  seeNewest(items, isAll) {
    const oldest = isAll ? "" : (items.at(-1)?.updated_at ?? "")
    for (const [id, activeAt] of this.#chats) if (activeAt > oldest) this.#chats.delete(id)
    for (const item of items) this.see(item)
  }

  /** @param {Id | null} [shown] the one under the person's eyes, which does not count @returns {number} how many conversations */
  count(shown) {
    return this.#chats.size - (shown && this.#chats.has(shown) ? 1 : 0)
  }
}
