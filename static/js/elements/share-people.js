// Who is in the conversation: adds by name or address, changes roles, removes, hands over, withdraws, leaves.

import { copyText } from "lib/clipboard.js"
import { arrangeUnderFocus, emit, find, fromTemplate, setText } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { resetTime } from "lib/time.js"
import { wordsOf } from "lib/trouble.js"
import { ROLES } from "models/share-people.js"

/** @typedef {import("models/share-people.js").SharePeople} People */

class SharePeoplePart extends HTMLElement {
  #leaving = new AbortController()
  #following = new AbortController()
  /** @type {People | null} */
  #people = null
  /** @type {Member | null} whose menu is open */
  #about = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("share.opened", ({ detail }) => this.#follow(detail.people), { signal })
    find(this, "form").addEventListener("submit", (/** @type {Event} */ event) => this.#add(event), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.#search.known = () => new Set(this.#people?.members.map(({ user }) => user.id))
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#following.abort()
  }

  /** @returns {any} the <people-search> */
  get #search() {
    return find(this, "people-search")
  }

  /** @param {People} people */
  #follow(people) {
    this.#following.abort()
    this.#following = new AbortController()
    this.#people = people
    this.#search.clear()
    this.#say("")
    for (const list of this.querySelectorAll("[data-members], [data-invited]")) list.replaceChildren()
    find(this, "form").hidden = find(this, "[data-invited-part]").hidden = true
    people.addEventListener("changed", () => this.#draw(people), { signal: this.#following.signal })
  }

  /** @param {People} people */
  #draw(people) {
    find(this, "form").hidden = !people.mayManage
    arrangeUnderFocus(find(this, "[data-members]"), people.members.map((member) => this.#row(member, people)))
    arrangeUnderFocus(find(this, "[data-invited]"), people.invited.map((invitation) => this.#invitedRow(invitation)))
    find(this, "[data-invited-part]").hidden = !people.invited.length
  }

  // A row stays the same element as long as its person is there, so that focus and menus stay where they are.
  /** @param {Member} member @param {People} people */
  #row(member, people) {
    const { user, role } = member
    const row = this.querySelector(`[data-user="${CSS.escape(user.id)}"]`) ?? fromTemplate("share-member")
    const isMe = user.id === people.me
    row.setAttribute("data-user", user.id)
    drawFace(find(row, "[data-face]"), user, people.me)
    setText(find(row, "[data-name]"), user.name)
    find(row, "[data-you]").hidden = !isMe
    const managed = people.mayManage && !isMe
    find(row, "[data-role]").hidden = managed
    setText(find(row, "[data-role]"), ROLES[role])
    find(row, "[data-roles]").hidden = !managed
    setText(find(row, "[data-roles] span"), ROLES[role])
    find(row, "[data-roles]").setAttribute("aria-label", `${user.name}: ${ROLES[role]}`)
    find(row, "[data-leave]").hidden = !isMe || role === "owner"
    return row
  }

  /** @param {Invited} invitation */
  #invitedRow({ id, email, role, expires_at, url }) {
    const row = this.querySelector(`[data-invitation="${CSS.escape(id)}"]`) ?? fromTemplate("share-invited")
    row.setAttribute("data-invitation", id)
    setText(find(row, "[data-email]"), email)
    setText(find(row, "[data-words]"), `Invited · ${ROLES[role].toLowerCase()} · until ${resetTime(new Date(expires_at), new Date())}`)
    find(row, "[data-copy]").hidden = !url
    find(row, "[data-withdraw]").setAttribute("aria-label", `Withdraw the invitation of ${email}`)
    return row
  }

  /** @param {Event} event */
  async #add(event) {
    event.preventDefault()
    const { picked, input } = this.#search
    const role = find(this, "[name='role']").value
    const words = await this.#try(() => this.#people?.add({ picked, text: input.value, role }), find(this, "form button:not([type])"))
    input.focus()
    if (!words) return
    this.#search.clear()
    emit(this, "share.said", { text: words, isShown: true })
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("button"))
    const user = /** @type {HTMLElement | null} */ (button?.closest("[data-user]"))?.dataset.user
    const invitation = /** @type {HTMLElement | null} */ (button?.closest("[data-invitation]"))?.dataset.invitation
    if (button?.matches("[data-roles]")) this.#openRoles(user)
    if (button?.dataset.make) this.#chose(/** @type {Role | "removed"} */ (button.dataset.make))
    if (button?.matches("[data-leave]")) this.#askToLeave()
    if (button?.matches("[data-withdraw]") && invitation) this.#try(() => this.#people?.withdraw(invitation))
    if (button?.matches("[data-copy]") && invitation) this.#copy(invitation)
  }

  /** @param {Id | undefined} id */
  #openRoles(id) {
    this.#about = this.#people?.members.find(({ user }) => user.id === id) ?? null
    for (const item of this.querySelectorAll("[role='menuitemradio']")) item.setAttribute("aria-checked", String(item.getAttribute("data-make") === this.#about?.role))
  }

  /** @param {Role | "removed"} wish */
  #chose(wish) {
    const member = this.#about
    if (!member || wish === member.role) return
    const { id, name } = member.user
    if (wish === "removed") this.#ask(`Remove ${name}?`, `${name} can no longer open this chat. What ${name} wrote stays in it.`, "Remove", "x", () => this.#people?.remove(id))
    else if (wish === "owner") this.#ask(`Make ${name} the owner?`, `Then only ${name} can add people, change roles and remove them. You can still write.`, "Make owner", "key-round", () => this.#people?.changeRole(id, "owner"))
    else this.#try(() => this.#people?.changeRole(id, wish))
  }

  #askToLeave() {
    const leave = async () => {
      await this.#people?.remove(this.#people.me)
      emit(this, "share.ended")
    }
    this.#ask("Leave this chat?", "You can open it again only if its owner adds you.", "Leave", "log-out", leave)
  }

  /** @param {string} title @param {string} words @param {string} action @param {string} icon @param {() => Promise<unknown> | undefined} work */
  #ask(title, words, action, icon, work) {
    emit(this, "confirm.asked", { title, words, action, icon, agreed: () => this.#try(work) })
  }

  /** @template T @param {() => Promise<T> | undefined} work @param {HTMLButtonElement} [button] @returns {Promise<T | undefined>} undefined: it failed, and that is said */
  async #try(work, button) {
    this.#say("")
    if (button) button.disabled = true
    try {
      return await work()
    } catch (error) {
      this.#say(wordsOf(error))
    } finally {
      if (button) button.disabled = false
    }
  }

  /** @param {string} words */
  #say(words) {
    setText(find(this, "[data-error]"), words)
  }

  /** @param {Id} id */
  async #copy(id) {
    const url = this.#people?.invited.find((invitation) => invitation.id === id)?.url ?? ""
    emit(this, "share.said", { text: (await copyText(url)) ? "The link of the invitation is copied." : "The link could not be copied.", isShown: true })
  }
}

customElements.define("share-people", SharePeoplePart)
