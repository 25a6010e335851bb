// A menu in a popover: arrows move, a letter jumps, choosing closes.

class PopMenu extends HTMLElement {
  #leaving = new AbortController()

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("toggle", (event) => this.#toggled(/** @type {ToggleEvent} */ (event)), { signal })
    this.addEventListener("keydown", (event) => this.#move(event), { signal })
    this.addEventListener("click", (event) => this.#chosen(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLElement[]} */
  get items() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".menu-item"))].filter((item) => !item.hidden)
  }

  /** @param {ToggleEvent} event */
  #toggled({ newState }) {
    const { items } = this
    if (newState === "open") (items.find((item) => item.getAttribute("aria-checked") === "true") ?? items[0])?.focus()
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const { items } = this
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement))
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key] ?? this.#startingWith(event, at)
    if (event.key === "Tab") this.hidePopover()
    if (to === null) return
    event.preventDefault()
    items.at(to % items.length)?.focus()
  }

  /** @param {KeyboardEvent} event @param {number} at @returns {number | null} */
  #startingWith({ key, ctrlKey, metaKey, altKey }, at) {
    if (key.length !== 1 || key === " " || ctrlKey || metaKey || altKey) return null
    const { items } = this
    const order = [...items.slice(at + 1), ...items.slice(0, at + 1)]
    const found = order.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()))
    return found ? items.indexOf(found) : null
  }

  /** @param {MouseEvent} event */
  #chosen(event) {
    const item = /** @type {Element} */ (event.target).closest(".menu-item")
    if (item && this.matches(":popover-open")) this.hidePopover()
  }
}

customElements.define("pop-menu", PopMenu)
