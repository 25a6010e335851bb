// Notices of the computer itself, for what waits while the person looks elsewhere. Who and where, never what was said.
// They come only after the person asked for them; without them nothing is lost.

import { sentenceOf } from "models/notifications.js"

const KEY = "desktop-notices"
const TOLD = new Set(["mention", "invited"])

/** @typedef {{permission: NotificationPermission, requestPermission(): Promise<NotificationPermission>, new (title: string, options?: NotificationOptions): {onclick: ((event: any) => void) | null, close(): void}}} Maker */

export class DesktopNotices {
  #maker
  #store

  /** @param {StorageLike} store @param {Maker | undefined} [maker] the browser's own, undefined: it has none */
  constructor(store, maker = globalThis.Notification) {
    this.#store = store
    this.#maker = maker
  }

  /** @returns {"missing" | "forbidden" | "off" | "on"} forbidden: the browser was told never to ask */
  get state() {
    if (!this.#maker) return "missing"
    if (this.#maker.permission === "denied") return "forbidden"
    return this.#maker.permission === "granted" && this.#store.getItem(KEY) === "on" ? "on" : "off"
  }

  /** Ask the person's browser, which asks the person. */
  async turnOn() {
    this.#store.setItem(KEY, "on")
    await this.#maker?.requestPermission()
  }

  turnOff() {
    this.#store.removeItem(KEY)
  }

  /** @param {NotificationRow} notification @param {() => void} opened when it is clicked @returns {boolean} whether it is shown */
  show(notification, opened) {
    if (this.state !== "on" || !TOLD.has(notification.kind)) return false
    try {
      this.#make(notification, opened)
      return true
    } catch {
      return false // Phones have the interface and refuse to use it.
    }
  }

  // One tag for one notification, so that several tabs show it once.
  /** @param {NotificationRow} notification @param {() => void} opened */
  #make(notification, opened) {
    const notice = new /** @type {Maker} */ (this.#maker)(sentenceOf(notification), { tag: notification.id })
    notice.onclick = () => {
      notice.close()
      opened()
    }
  }
}
