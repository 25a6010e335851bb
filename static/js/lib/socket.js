// One socket per tab that comes back by itself. Knows nothing of chats: it hands on frames.

const LONGEST_WAIT = 30_000
const TOO_MANY_WAIT = 30_000
const NODE_LEAVES_SPREAD = 8_000
const STEADY_AFTER = 5_000

/** @param {number} attempt from 0 @param {() => number} random @returns {number} milliseconds, with full jitter */
export function reconnectDelay(attempt, random = Math.random) {
  return random() * Math.min(LONGEST_WAIT, 500 * 2 ** attempt)
}

/**
 * What a close code asks for.
 * @param {number} code @param {number} attempt @param {() => number} random
 * @returns {{signIn: boolean, wait: number}} wait in milliseconds, Infinity: do not come back
 */
export function afterClose(code, attempt, random = Math.random) {
  if (code === 4401 || code === 4440) return { signIn: true, wait: Infinity }
  if (code === 4403) return { signIn: false, wait: Infinity }
  if (code === 4412) return { signIn: false, wait: random() * NODE_LEAVES_SPREAD }
  if (code === 4429) return { signIn: false, wait: TOO_MANY_WAIT * (1 + random()) }
  return { signIn: false, wait: reconnectDelay(attempt, random) }
}

/**
 * Events: "opened", "closed" {code, wait}, "ended" {signIn}, "frame" {detail: the frame}.
 */
export class LiveSocket extends EventTarget {
  #url
  #make
  #random
  /** @type {WebSocket | null} */
  #socket = null
  #attempt = 0
  #openedAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #patient = false

  /** @param {string} url @param {{make?: (url: string, protocol: string) => WebSocket, random?: () => number}} [edges] */
  constructor(url, { make = (at, protocol) => new WebSocket(at, protocol), random = Math.random } = {}) {
    super()
    this.#url = url
    this.#make = make
    this.#random = random
  }

  get isOpen() {
    return this.#socket?.readyState === 1
  }

  start() {
    if (this.#socket) return
    clearTimeout(this.#timer)
    this.#listen((this.#socket = this.#make(this.#url, "webchat.v1")))
  }

  /** Come back at once: the network returned or somebody looks at the page. Not when the server asked for patience. */
  hurry() {
    if (!this.#socket && !this.#patient) this.start()
  }

  /** Give up a connection that seems dead and make a new one. */
  renew() {
    const dead = this.#socket
    if (!dead) return
    dead.close()
    this.#left(dead, 1006)
  }

  stop() {
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  /** @param {Frame} frame @returns {boolean} whether it went out */
  send(frame) {
    if (!this.isOpen) return false
    this.#socket?.send(JSON.stringify(frame))
    return true
  }

  /** @param {WebSocket} socket */
  #listen(socket) {
    socket.addEventListener("open", () => this.#opened(socket))
    socket.addEventListener("message", ({ data }) => this.#heard(socket, data))
    socket.addEventListener("close", ({ code }) => this.#left(socket, code))
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return
    this.#openedAt = Date.now()
    this.dispatchEvent(new CustomEvent("opened"))
  }

  /** @param {WebSocket} socket @param {unknown} data */
  #heard(socket, data) {
    const frame = socket === this.#socket ? parse(data) : null
    if (frame) this.dispatchEvent(new CustomEvent("frame", { detail: frame }))
  }

  /** @param {WebSocket} socket @param {number} code */
  #left(socket, code) {
    if (socket !== this.#socket) return
    this.#socket = null
    this.#countAttempts()
    const { signIn, wait } = afterClose(code, this.#attempt++, this.#random)
    this.#patient = code === 4429
    this.dispatchEvent(new CustomEvent("closed", { detail: { code, wait } }))
    if (wait === Infinity) this.dispatchEvent(new CustomEvent("ended", { detail: { signIn } }))
    else this.#timer = setTimeout(() => this.start(), wait)
  }

  // Only a connection that lasted starts the delays afresh; one that is dropped at once must not hammer the server.
  #countAttempts() {
    if (this.#openedAt && Date.now() - this.#openedAt > STEADY_AFTER) this.#attempt = 0
    this.#openedAt = 0
  }
}

/** @param {unknown} data @returns {Frame | null} */
function parse(data) {
  try {
    const frame = JSON.parse(String(data))
    return typeof frame?.type === "string" ? frame : null
  } catch {
    return null
  }
}
