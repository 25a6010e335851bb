// Who takes part in a conversation, and what the person in front of the screen may do in it. It never changes:
// another role or another member makes another team, so that whoever draws it sees the difference.

import { isLive } from "models/status.js"

/** @typedef {Person & {is_staff?: boolean}} Me */

export class Team {
  /** @param {Me} me @param {Role} role mine @param {Member[]} members as far as they were read @param {number} people how many there are */
  constructor(me, role, members = [], people = 1) {
    this.me = me
    this.role = role
    this.members = members
    this.people = people
  }

  get isShared() {
    return this.people > 1
  }

  get mayWrite() {
    return this.role !== "reader"
  }

  get isOwner() {
    return this.role === "owner"
  }

  /** @returns {Person | undefined} */
  get owner() {
    return this.members.find(({ role }) => role === "owner")?.user
  }

  /** @param {Id | null | undefined} id @returns {string} "you", a member's name, "" for somebody who is not here */
  nameOf(id) {
    if (id === this.me.id) return "you"
    return this.members.find(({ user }) => user.id === id)?.user.name ?? ""
  }

  /** @param {Message} message */
  wrote(message) {
    return message.author?.id === this.me.id
  }

  /** It, or the answer it is, is this person's doing. @param {Message} message */
  caused(message) {
    return !this.isShared || this.wrote(message) || message.completion?.requested_by === this.me.id
  }

  /** @param {Message} message */
  mayEdit(message) {
    return this.mayWrite && this.wrote(message)
  }

  /** @param {Message} message */
  mayDelete(message) {
    return Boolean(message.sending) || this.isOwner || (this.mayWrite && this.wrote(message))
  }

  /** @param {Message} message */
  mayStop({ role, status, sending, completion }) {
    if (role !== "assistant" || !isLive(status) || sending) return false
    return this.isOwner || Boolean(this.me.is_staff) || !this.isShared || completion?.requested_by === this.me.id
  }
}
