// Who is in a conversation and who is invited, as somebody with a role in it may see and change it. Knows nothing of the DOM.

import { ApiError } from "lib/api.js"

export const ROLES = /** @type {Record<string, string>} */ ({ owner: "Owner", writer: "Can write", reader: "Can read" })
const LOOKS_LIKE_ADDRESS = /^[^\s@]+@[^\s@]+$/

/** "changed" when somebody is there that was not, or is no more. */
export class SharePeople extends EventTarget {
  /** @type {Member[]} */
  members = []
  /** @type {Invited[]} */
  invited = []
  /** Links that no mail has carried: only the answer to an invitation has them. @type {Map<Id, string>} */
  #urls = new Map()
  #asked = 0
  #api

  /** @param {Id} id of the conversation @param {Pick<import("lib/api.js").Api, "get" | "post" | "patch" | "delete">} api @param {Id} me */
  constructor(id, api, me) {
    super()
    this.id = id
    this.me = me
    this.#api = api
  }

  /** @returns {Role | null} of the person who looks */
  get role() {
    return this.members.find(({ user }) => user.id === this.me)?.role ?? null
  }

  get mayManage() {
    return this.role === "owner"
  }

  /** Ask who is there; of several answers on their way only the last one asked for counts. */
  async load() {
    const asked = ++this.#asked
    const { items, invited } = await this.#api.get(this.#path())
    if (asked !== this.#asked) return
    this.members = inOrder(items, this.me)
    this.invited = invited.map((/** @type {Invited} */ invitation) => ({ ...invitation, url: this.#urls.get(invitation.id) ?? null }))
    this.dispatchEvent(new Event("changed"))
  }

  /**
   * @param {{picked: PersonFound | null, text: string, role: string}} who picked from the list, or an address
   * @returns {Promise<string>} what was done, in words
   */
  async add({ picked, text, role }) {
    const whom = picked ? { user: picked.id } : addressIn(text)
    const { member, invitation } = await this.#api.post(this.#path(), { ...whom, role })
    if (invitation?.url) this.#urls.set(invitation.id, invitation.url)
    await this.load()
    if (member) return `${member.user.name} ${role === "reader" ? "can read" : "can write"} here now.`
    return invitation.url ? `No mail goes out from here: copy the link for ${invitation.email} and hand it over.` : `An invitation is on its way to ${invitation.email}.`
  }

  /** @param {Id} user @param {Role} role owner: hands the conversation over */
  async changeRole(user, role) {
    await this.#api.patch(this.#path(user), { role })
    await this.load()
  }

  /** @param {Id} user */
  async remove(user) {
    await this.#api.delete(this.#path(user))
    if (user !== this.me) await this.load()
  }

  /** @param {Id} invitation */
  async withdraw(invitation) {
    await this.#api.delete(`invitations/${invitation}`)
    this.#urls.delete(invitation)
    await this.load()
  }

  /** @param {Id} [user] */
  #path(user) {
    return `conversations/${this.id}/members${user ? `/${user}` : ""}`
  }
}

/** The owner, oneself, then by name. @param {Member[]} members @param {Id} me */
function inOrder(members, me) {
  const rank = (/** @type {Member} */ { role, user }) => (role === "owner" ? 0 : user.id === me ? 1 : 2)
  return [...members].sort((one, other) => rank(one) - rank(other) || one.user.name.localeCompare(other.user.name))
}

/** @param {string} text */
function addressIn(text) {
  const email = text.trim()
  if (LOOKS_LIKE_ADDRESS.test(email)) return { email }
  throw new ApiError(422, { code: "nobody_chosen", detail: email ? `Nobody called “${email}” was chosen. Take a name from the list, or write an email address.` : "Write a name or an email address." })
}
