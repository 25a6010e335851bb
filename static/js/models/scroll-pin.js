// Whether the view follows the end of the conversation. People let go of it and take it up again; growing text never does.

const REPIN_WITHIN = 60
const DRIFT = 3
const TOUCH_DRIFT = 10
const JUMP_FROM = 200
const JUMP_UNTIL = 60
const TIME_CONSTANT = 80
const LEAVING_KEYS = new Set(["PageUp", "Home", "ArrowUp"])

/** @typedef {{top: number, height: number, view: number}} Place scrollTop, scrollHeight, clientHeight */

export class ScrollPin {
  pinned = true
  showsJump = false
  /** @type {Place} */
  #last = { top: 0, height: 0, view: 0 }
  #touchedAt = 0

  /** The scroller moved. Text that shrinks moves it too: that is nobody's wish. @param {Place} place */
  scrolled(place) {
    const shrank = place.height < this.#last.height || place.view > this.#last.view
    const drift = this.#last.top - place.top
    if (drift >= DRIFT && !shrank) this.pinned = false
    else if (drift < 0 && distance(place) <= REPIN_WITHIN) this.pinned = true
    this.#settle(place)
  }

  /** The content or the view changed its size. @param {Place} place */
  resized(place) {
    this.#settle(place)
  }

  /** @param {number} deltaY @param {boolean} inner whether a code block or a table takes the wheel */
  wheeled(deltaY, inner) {
    if (deltaY < 0 && !inner && this.#last.height > this.#last.view) this.#letGo()
  }

  /** @param {string} key */
  pressed(key) {
    if (LEAVING_KEYS.has(key) && this.#last.top > 0) this.#letGo()
  }

  /** @param {number} y of the finger */
  touched(y) {
    this.#touchedAt = y
  }

  /** @param {number} y of the finger */
  dragged(y) {
    if (y - this.#touchedAt >= TOUCH_DRIFT && this.#last.top > 0) this.#letGo()
  }

  pin() {
    this.pinned = true
    this.showsJump = false
  }

  #letGo() {
    this.pinned = false
    this.#settle(this.#last)
  }

  /** @param {Place} place */
  #settle(place) {
    this.#last = place
    const away = distance(place)
    if (this.pinned || away < JUMP_UNTIL) this.showsJump = false
    else if (away > JUMP_FROM) this.showsJump = true
  }
}

/** @param {Place} place @returns {number} pixels to the end */
export function distance({ top, height, view }) {
  return height - view - top
}

/** Where the view should be after some time on its way. @param {number} top @param {number} target @param {number} ms since the last frame */
export function follow(top, target, ms) {
  const rest = (target - top) * Math.exp(-ms / TIME_CONSTANT)
  return Math.abs(rest) < 1 ? target : target - rest
}
