// Says that the connection is gone, once it has been gone for a moment; nothing on screen is taken away.

import { emit, find, setText } from "lib/dom.js"

const PATIENCE = 3000
const NODE_LEAVES = 4412

class ConnectionBanner extends HTMLElement {
  #leaving = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("connection.lost", ({ detail }) => this.#wait(detail), { signal })
    document.addEventListener("connection.found", () => this.#hide(), { signal })
    find(this, "[data-now]").addEventListener("click", () => emit(this, "connection.hurried"), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    clearTimeout(this.#soon)
  }

  // A server that is about to leave has said so, and the page comes back by itself when its turn is.
  /** @param {{code: number, wait: number}} closed */
  #wait({ code, wait }) {
    this.#soon ??= setTimeout(() => this.#show(), PATIENCE + (code === NODE_LEAVES ? wait : 0))
  }

  #show() {
    this.hidden = false
    setText(find(this, "[data-words]"), navigator.onLine ? "Connection lost. Reconnecting…" : "You are offline. Your text is kept.")
  }

  #hide() {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.hidden = true
  }
}

customElements.define("connection-banner", ConnectionBanner)
