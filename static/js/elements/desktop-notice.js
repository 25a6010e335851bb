// The switch for notices of the computer itself, and those notices while the person looks at no tab of the chat.

import { emit, find, setIcon, setText } from "lib/dom.js"
import { storage } from "lib/storage.js"
import { DesktopNotices } from "models/desktop-notices.js"
import { OtherTabs } from "models/other-tabs.js"

const WORDS = { off: "Tell me on this computer", on: "Stop telling me on this computer", forbidden: "Tell me on this computer", missing: "" }

class DesktopNotice extends HTMLElement {
  #leaving = new AbortController()
  #notices = new DesktopNotices(storage)
  /** @type {OtherTabs | null} */
  #others = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => this.#meet(detail.me.id), { signal })
    document.addEventListener("notification.heard", ({ detail }) => this.#tell(detail.notification), { signal })
    find(this, "button").addEventListener("click", () => this.#switch(), { signal })
    this.#show()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#others?.close()
  }

  /** @param {Id} me */
  #meet(me) {
    this.#others?.close()
    this.#others = new OtherTabs(new BroadcastChannel(`tabs-of-${me}`), { isLookedAt })
  }

  /** @param {NotificationRow} notification */
  async #tell(notification) {
    if (isLookedAt() || (await this.#others?.areLookedAt()) || isLookedAt()) return
    this.#notices.show(notification, () => this.#open(notification))
  }

  // As if its link in the list had been clicked.
  /** @param {NotificationRow} notification */
  #open({ conversation, message }) {
    window.focus()
    if (message) emit(this, "message.sought", { conversation, message })
    const link = document.createElement("a")
    link.href = `/c/${conversation}`
    link.hidden = true
    this.append(link)
    link.click()
    link.remove()
  }

  async #switch() {
    if (this.#notices.state === "on") this.#notices.turnOff()
    else await this.#notices.turnOn()
    this.#show()
  }

  #show() {
    const { state } = this.#notices
    this.hidden = state === "missing"
    setText(find(this, "button span"), WORDS[state])
    setIcon(find(this, ".icon"), state === "on" ? "bell-off" : "monitor")
    find(this, "p").hidden = state !== "forbidden"
  }
}

function isLookedAt() {
  return document.visibilityState === "visible"
}

customElements.define("desktop-notice", DesktopNotice)
