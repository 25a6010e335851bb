// The scrolling pane of a conversation: follows the end while the person wants it, keeps the place when rows come above.

import { find, firstBelow, isTouch, prefersStillness } from "lib/dom.js"
import { follow, ScrollPin } from "models/scroll-pin.js"

class ScrollView extends HTMLElement {
  #leaving = new AbortController()
  #pin = new ScrollPin()
  #following = false
  #smoothFrom = 0

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.#listenToHands(signal)
    document.addEventListener("chat.asked", () => this.#toEnd(), { signal })
    document.addEventListener("session.changed", () => this.#toEnd(), { signal })
    this.addEventListener("version.chosen", () => this.#letGo(), { signal })
    document.addEventListener("turn.wanted", () => this.#letGo(), { signal })
    this.addEventListener("thread.grows-above", (event) => this.#keepPlace(/** @type {CustomEvent} */ (event).detail.insert), { signal })
    find(this, "[data-jump]").addEventListener("click", () => this.#toEnd(true), { signal })
    this.#watchSizes(signal)
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLElement} */
  get #scroller() {
    return find(this, "[data-scroller]")
  }

  get #place() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    return { top: scrollTop, height: scrollHeight, view: clientHeight }
  }

  get #end() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight
  }

  /** Whether the person is at the end, though the view may still be on its way there. */
  get isAtEnd() {
    return this.#pin.pinned
  }

  /** @param {AbortSignal} signal */
  #listenToHands(signal) {
    const scroller = this.#scroller
    scroller.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true })
    scroller.addEventListener("wheel", (event) => this.#pin.wheeled(event.deltaY, scrollsInside(event, scroller)), { signal, passive: true })
    scroller.addEventListener("touchstart", ({ touches }) => this.#pin.touched(touches[0].clientY), { signal, passive: true })
    scroller.addEventListener("touchmove", ({ touches }) => this.#pin.dragged(touches[0].clientY), { signal, passive: true })
    scroller.addEventListener("keydown", ({ key }) => this.#pin.pressed(key), { signal })
  }

  /** @param {AbortSignal} signal */
  #watchSizes(signal) {
    const observer = new ResizeObserver(() => this.#resized())
    for (const element of [this.#scroller, find(this, "chat-thread")]) observer.observe(element)
    signal.addEventListener("abort", () => observer.disconnect())
  }

  #scrolled() {
    this.#pin.scrolled(this.#place)
    this.#showJump()
  }

  #resized() {
    this.#pin.resized(this.#place)
    this.#showJump()
    if (this.#pin.pinned) this.#follow()
  }

  #follow() {
    if (this.#jumps) this.#scroller.scrollTop = this.#end
    else if (!this.#following) this.#glide()
  }

  // Right after opening, under a finger and where motion is unwanted the view is at the end at once.
  get #jumps() {
    return performance.now() < this.#smoothFrom || isTouch() || prefersStillness()
  }

  #glide() {
    this.#following = true
    let top = this.#scroller.scrollTop
    let before = 0
    const step = (/** @type {number} */ now) => {
      this.#following = this.#pin.pinned && top < this.#end
      if (!this.#following) return
      top = follow(top, this.#end, before ? now - before : 0)
      before = now
      this.#scroller.scrollTop = top
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }

  /** @param {boolean} [gently] */
  #toEnd(gently = false) {
    this.#pin.pin()
    this.#showJump()
    if (!gently) this.#smoothFrom = performance.now() + 500
    if (gently && !this.#jumps) return this.#glide()
    this.#scroller.scrollTop = this.#end
  }

  #letGo() {
    this.#pin.pinned = false
  }

  // The browser's own anchoring stays out of it, else both would correct.
  /** @param {() => void} insert */
  #keepPlace(insert) {
    const scroller = this.#scroller
    const rows = this.querySelectorAll("chat-turn")
    const anchor = rows[Math.min(firstBelow(rows, scroller.getBoundingClientRect().top), rows.length - 1)]
    const before = anchor?.getBoundingClientRect().top ?? 0
    this.#scrolled()
    scroller.classList.add("still")
    insert()
    if (this.#pin.pinned) scroller.scrollTop = this.#end
    else if (anchor) scroller.scrollTop += anchor.getBoundingClientRect().top - before
    this.#pin.resized(this.#place)
    requestAnimationFrame(() => scroller.classList.remove("still"))
  }

  #showJump() {
    find(this, "[data-jump]").hidden = !this.#pin.showsJump
  }
}

/** Whether a code block or a table under the pointer takes the wheel itself. @param {WheelEvent} event @param {Element} scroller */
function scrollsInside(event, scroller) {
  for (let at = /** @type {Element | null} */ (event.target); at && at !== scroller; at = at.parentElement) {
    if (at.scrollTop > 0 && at.scrollHeight > at.clientHeight + 1) return true
  }
  return Math.abs(event.deltaX) > Math.abs(event.deltaY)
}

customElements.define("scroll-view", ScrollView)
