// The people of one conversation: read once somebody else is in it, then kept by what the socket tells.
// Tells "changed" when the team is another one.

import { Team } from "models/team.js"

export class Members extends EventTarget {
  /** @type {Team} */
  team
  #api
  #me
  /** @type {Id | null} */
  #conversation = null
  /** @type {Promise<void> | null} */
  #reading = null
  #isRead = false
  /** How many frames were heard: what was asked for before one of them does not know it. */
  #heard = 0

  /** @param {import("lib/api.js").Api} api @param {import("models/team.js").Me} me */
  constructor(api, me) {
    super()
    this.#api = api
    this.#me = me
    this.team = new Team(me, "owner")
  }

  /** What the conversation says: as what, and among how many, the person is in it. @param {Conversation} conversation */
  take({ id, role, people }) {
    this.#conversation = id
    const { members } = this.team
    if (role !== this.team.role || people !== this.team.people) this.#form(role, members, people)
    if (people > 1 && people !== members.length) this.read()
  }

  /** @param {string} type of the frame @param {Member} member */
  hear(type, member) {
    this.#heard++
    const { role, members } = this.team
    const others = members.filter(({ user }) => user.id !== member.user.id)
    const all = type === "member.left" ? others : inOrder([...others, member])
    if (this.#isRead) this.#form(member.user.id === this.#me.id ? member.role : role, all, all.length)
    else this.read()
  }

  /** Again, if something may have been missed. What cannot be read now is read the next time. @returns {Promise<void>} */
  read() {
    this.#reading ??= this.#read().finally(() => (this.#reading = null))
    return this.#reading
  }

  /** @returns {Promise<void>} */
  async #read() {
    const heard = this.#heard
    const read = this.#conversation && (await this.#api.get(`conversations/${this.#conversation}/members`).catch(() => null))
    if (!read) return
    if (heard !== this.#heard) return this.#read()
    this.#isRead = true
    const mine = read.items.find((/** @type {Member} */ { user }) => user.id === this.#me.id)
    this.#form(mine?.role ?? this.team.role, inOrder(read.items), read.items.length)
  }

  /** @param {Role} role @param {Member[]} members @param {number} people */
  #form(role, members, people) {
    this.team = new Team(this.#me, role, members, people)
    this.dispatchEvent(new CustomEvent("changed"))
  }
}

/** @param {Member[]} members @returns {Member[]} who came first is first */
function inOrder(members) {
  return members.toSorted((one, other) => (one.joined_at < other.joined_at ? -1 : 1))
}
