// How much waits for the person, on the tab of the browser and on the button that opens the sidebar.

import { setCount } from "lib/tab-title.js"

class TabCount extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/chat-list.js").ChatList | null} */
  #list = null
  /** @type {import("models/notifications.js").Notifications | null} */
  #notifications = null
  /** @type {Id | null} */
  #shown = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("chats.given", ({ detail }) => this.#follow((this.#list = detail.list)), { signal })
    document.addEventListener("notifications.given", ({ detail }) => this.#follow((this.#notifications = detail.notifications)), { signal })
    for (const type of ["session.changed", "session.named"]) document.addEventListener(type, (event) => this.#turnTo(/** @type {CustomEvent} */ (event).detail.session.id), { signal })
    document.addEventListener("visibilitychange", () => this.#show(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {EventTarget} model */
  #follow(model) {
    model.addEventListener("changed", () => this.#show(), { signal: this.#leaving.signal })
  }

  /** @param {Id | null} id */
  #turnTo(id) {
    this.#shown = id
    this.#show()
  }

  #show() {
    const seen = document.visibilityState === "visible" ? this.#shown : null
    const count = (this.#notifications?.unread ?? 0) + (this.#list?.unread.count(seen) ?? 0)
    setCount(count)
    document.documentElement.toggleAttribute("data-news", count > 0)
    this.#showOnIcon(count > 0)
  }

  /** @param {boolean} isNews */
  #showOnIcon(isNews) {
    const icon = document.querySelector('link[rel="icon"]')
    const address = (isNews ? this.dataset.news : this.dataset.plain) ?? ""
    if (icon && icon.getAttribute("href") !== address) icon.setAttribute("href", address)
  }
}

customElements.define("tab-count", TabCount)
