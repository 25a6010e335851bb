// How much the person was told and has not seen. It keeps the list of it, which other elements draw.

import { problemOf } from "lib/api.js"
import { emit, find, setText } from "lib/dom.js"
import { Notifications } from "models/notifications.js"
import { countWords } from "models/unread.js"

class NotificationBell extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Notifications | null} */
  #notifications = null
  /** @type {Id | null} */
  #shown = null
  #wasConnected = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("chats.given", ({ detail }) => this.#begin(new Notifications(detail.api)), { signal })
    document.addEventListener("notification.heard", ({ detail }) => this.#hear(detail), { signal })
    document.addEventListener("notifications.read", ({ detail }) => this.#notifications?.heardRead(detail.unread), { signal })
    document.addEventListener("connection.found", () => this.#connected(), { signal })
    for (const type of ["session.changed", "session.named"]) document.addEventListener(type, (event) => this.#open(/** @type {CustomEvent} */ (event).detail.session.id), { signal })
    document.addEventListener("visibilitychange", () => this.#readShown(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {Notifications} notifications */
  async #begin(notifications) {
    this.#notifications = notifications
    notifications.addEventListener("changed", () => this.#show(), { signal: this.#leaving.signal })
    emit(this, "notifications.given", { notifications })
    await notifications.refresh()
    this.#readShown()
  }

  // What was told while there was no connection.
  async #connected() {
    if (this.#wasConnected) await this.#notifications?.refresh()
    this.#wasConnected = true
    this.#readShown()
  }

  /** @param {{notification: NotificationRow, unread: number}} told */
  #hear({ notification, unread }) {
    this.#notifications?.hear(notification, unread)
    this.#readShown()
  }

  /** @param {Id | null} id */
  #open(id) {
    this.#shown = id
    this.#readShown()
  }

  // Whoever has the conversation before their eyes need not be told of it.
  #readShown() {
    if (!this.#shown || document.visibilityState !== "visible") return
    this.#notifications?.read(this.#shown).catch((error) => emit(this, "status.said", { text: problemOf(error).detail }))
  }

  #show() {
    const unread = this.#notifications?.unread ?? 0
    find(this, "[data-count]").hidden = unread === 0
    setText(find(this, "[data-count]"), countWords(unread))
    find(this, "button").setAttribute("aria-label", unread ? `Notifications, ${countWords(unread)} unread` : "Notifications")
  }
}

customElements.define("notification-bell", NotificationBell)
