// What the person was told, in a popover: the newest first, each with the way to it.

import { problemOf } from "lib/api.js"
import { arrange, emit, find, fromTemplate, setText } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { clockTime, dayName, daysAgo, fullTime } from "lib/time.js"
import { sentenceOf } from "models/notifications.js"

const LOAD_WITHIN = 300

class NotificationList extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/notifications.js").Notifications | null} */
  #notifications = null
  /** @type {Map<Id, HTMLElement>} */
  #rows = new Map()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("notifications.given", ({ detail }) => this.#follow(detail.notifications), { signal })
    this.addEventListener("toggle", (event) => this.#toggled(/** @type {ToggleEvent} */ (event)), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.addEventListener("keydown", (event) => this.#move(event), { signal })
    find(this, "[data-pages]").addEventListener("scroll", () => this.#fill(), { signal, passive: true })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #isOpen() {
    return this.matches(":popover-open")
  }

  /** @param {import("models/notifications.js").Notifications} notifications */
  #follow(notifications) {
    this.#notifications = notifications
    notifications.addEventListener("changed", () => this.#show(), { signal: this.#leaving.signal })
  }

  /** @param {ToggleEvent} event */
  #toggled({ newState }) {
    if (newState !== "open") return
    this.#show()
    find(this, "h2").focus()
  }

  #show() {
    const notifications = this.#notifications
    if (!notifications || !this.#isOpen) return
    arrange(find(this, "[data-list]"), notifications.items.map((item) => this.#row(item)))
    find(this, "[data-read-all]").disabled = notifications.unread === 0
    this.#showNone(notifications)
    this.#fill()
  }

  /** @param {import("models/notifications.js").Notifications} notifications */
  #showNone({ items, loaded, problem }) {
    find(this, "[data-none]").hidden = items.length > 0 || !(loaded || problem)
    setText(find(this, "[data-none]"), problem?.detail ?? "Nothing yet. Here it says when somebody names you with @ or invites you to a chat.")
  }

  /** @param {NotificationRow} notification */
  #row(notification) {
    const row = this.#rows.get(notification.id) ?? fromTemplate("notification")
    this.#rows.set(notification.id, row)
    this.#draw(row, notification)
    return row
  }

  /** @param {HTMLElement} row @param {NotificationRow} notification */
  #draw(row, notification) {
    drawFace(find(row, ".avatar"), notification.actor)
    setText(find(row, "[data-sentence]"), sentenceOf(notification))
    drawTime(find(row, "time"), new Date(notification.created_at))
    find(row, "[data-new]").hidden = Boolean(notification.read_at)
    lead(find(row, "a"), notification)
  }

  #fill() {
    const scroller = find(this, "[data-pages]")
    const isNear = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < LOAD_WITHIN
    if (this.#isOpen && isNear && !this.#notifications?.problem) this.#notifications?.more()
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target)
    const link = /** @type {HTMLElement | null} */ (target.closest("a[href]"))
    if (link) this.#leave(link)
    else if (target.closest("[data-read-all]")) this.#readAll()
  }

  /** @param {HTMLElement} link */
  #leave({ dataset: { conversation, message } }) {
    this.hidePopover()
    if (message) emit(this, "message.sought", { conversation, message })
  }

  async #readAll() {
    find(this, "h2").focus()
    try {
      await this.#notifications?.read()
    } catch (error) {
      emit(this, "toast.shown", { text: problemOf(error).detail, tone: "bad" })
    }
  }

  // Along the list with the arrows, as in the list of chats.
  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("a[href]"))]
    const at = links.indexOf(/** @type {HTMLElement} */ (event.target))
    event.preventDefault()
    links[Math.max(0, at + step)]?.focus()
  }
}

/** @param {HTMLElement} place @param {Date} at */
function drawTime(place, at) {
  const now = new Date()
  place.setAttribute("datetime", at.toISOString())
  place.title = fullTime(at)
  setText(place, daysAgo(at, now) === 0 ? clockTime(at) : dayName(at, now))
}

// Without a place to go to it is no link. The message is in the address too, for whoever opens it in another tab.
/** @param {HTMLElement} link @param {NotificationRow} notification */
function lead(link, { conversation, message }) {
  if (!conversation) return link.removeAttribute("href")
  link.setAttribute("href", `/c/${conversation}${message ? `#message-${message}` : ""}`)
  Object.assign(link.dataset, { conversation, ...(message && { message }) })
}

customElements.define("notification-list", NotificationList)
