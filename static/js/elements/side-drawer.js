// The sidebar: a column that can be folded away on wide screens, a drawer that keeps the focus on phones.

import { remember } from "lib/cookies.js"
import { find } from "lib/dom.js"
import { initials } from "lib/people.js"

const narrow = matchMedia("(width < 48rem)")
const root = document.documentElement

class SideDrawer extends HTMLElement {
  #leaving = new AbortController()
  /** @type {HTMLElement | null} */
  #before = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("click", (event) => this.#clicked(event), { signal })
    document.addEventListener("sidebar.toggled", () => this.#toggle(), { signal })
    document.addEventListener("chat.opened", () => this.#closeDrawer(), { signal })
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    narrow.addEventListener("change", () => this.#closeDrawer(), { signal })
    this.#drawInitials()
    this.#label()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #isOpenDrawer() {
    return root.dataset.sidebar === "open"
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target)
    if (target.closest("[data-sidebar-toggle]")) this.#toggle()
    else if (this.#isOpenDrawer && !this.contains(target) && !target.closest("[popover], dialog")) this.#closeDrawer()
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key !== "Escape" || !this.#isOpenDrawer || document.querySelector(":popover-open, dialog[open]")) return
    event.stopImmediatePropagation()
    event.preventDefault()
    this.#closeDrawer()
  }

  #toggle() {
    if (narrow.matches) this.#isOpenDrawer ? this.#closeDrawer() : this.#openDrawer()
    else this.#fold(root.dataset.sidebar !== "closed")
  }

  /** @param {boolean} closed */
  #fold(closed) {
    const hadFocus = this.contains(document.activeElement)
    if (closed) root.dataset.sidebar = "closed"
    else delete root.dataset.sidebar
    remember("sidebar", closed ? "closed" : "")
    if (hadFocus && closed) find(document, ".sidebar-opener").focus()
    this.#label()
  }

  #openDrawer() {
    this.#before = /** @type {HTMLElement | null} */ (document.activeElement)
    root.dataset.sidebar = "open"
    this.#restOfPage(true)
    this.#label()
    find(this, "[data-sidebar-toggle]").focus()
  }

  #closeDrawer() {
    if (!this.#isOpenDrawer) return
    delete root.dataset.sidebar
    this.#restOfPage(false)
    this.#before?.focus()
    this.#label()
  }

  /** @param {boolean} inert */
  #restOfPage(inert) {
    for (const element of document.querySelectorAll("main > :not(chat-menu), .skip")) element.toggleAttribute("inert", inert)
  }

  #label() {
    const shown = narrow.matches ? this.#isOpenDrawer : root.dataset.sidebar !== "closed"
    for (const button of document.querySelectorAll("[data-sidebar-toggle]")) button.setAttribute("aria-expanded", String(shown))
  }

  #drawInitials() {
    for (const face of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-initials]"))) face.textContent = initials(face.dataset.initials ?? "")
  }
}

customElements.define("side-drawer", SideDrawer)
