// A table of share links: one's own, which can be copied, or for staff everybody's. Each can be turned off.

import { Api, query } from "lib/api.js"
import { copyText } from "lib/clipboard.js"
import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { resetTime } from "lib/time.js"
import { wordsOf } from "lib/trouble.js"
import { audienceWords, contentWords, endWords, stateOf, viewWords } from "models/share-words.js"
import { titleOf } from "models/titles.js"

const PAGE = 50

class LinksPage extends HTMLElement {
  #leaving = new AbortController()
  #api = new Api({ signedOut: () => location.reload() })
  /** @type {Share[]} */
  #shares = []
  /** @type {string | null} */
  #next = null
  #isReading = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    document.querySelector("[data-revoke-all]")?.addEventListener("click", () => this.#askToRevokeAll(), { signal })
    this.#read()
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {string} where the links come from: "shares" or "admin/shares" */
  get #source() {
    return this.dataset.source ?? "shares"
  }

  // A page that is on its way is not asked for twice.
  async #read() {
    if (this.#isReading) return
    this.#isReading = true
    try {
      const { items, next } = await this.#api.get(`${this.#source}${query({ before: this.#next, limit: PAGE })}`)
      this.#shares.push(...items)
      this.#next = next
      this.#draw()
    } catch (error) {
      this.#trouble(wordsOf(error))
    } finally {
      this.#isReading = false
    }
  }

  #draw() {
    const now = new Date()
    this.#trouble("")
    find(this, "[data-loading]").hidden = true
    find(this, "tbody").replaceChildren(...this.#shares.map((share) => linkRow(share, now)))
    find(this, "[data-table]").hidden = !this.#shares.length
    find(this, "[data-none]").hidden = Boolean(this.#shares.length)
    find(this, "[data-more-part]").hidden = !this.#next
    setText(find(this, "[data-count]"), this.#shares.length ? `${this.#shares.length}${this.#next ? "+" : ""}` : "")
    document.querySelector("[data-revoke-all]")?.toggleAttribute("hidden", !this.#shares.some(({ state }) => state !== "revoked"))
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("button"))
    const share = this.#shares.find(({ id }) => id === /** @type {HTMLElement | null} */ (button?.closest("[data-share]"))?.dataset.share)
    if (button?.matches("[data-more], [data-again]")) this.#read()
    if (button?.matches("[data-copy]") && share?.url) this.#copy(share.url)
    if (button?.matches("[data-revoke]") && share) this.#askToRevoke(share)
  }

  /** @param {string} url */
  async #copy(url) {
    const isDone = await copyText(url)
    emit(this, "toast.shown", isDone ? { text: "The link is copied." } : { text: "The link could not be copied.", tone: "bad" })
  }

  /** @param {Share} share */
  #askToRevoke(share) {
    const words = `${audienceWords(share)}: from now on it shows nothing. A link that is off stays off.`
    const agreed = () => this.#revoke(`${this.#source}/${share.id}`, ({ id }) => id === share.id, "The link is off.")
    emit(this, "confirm.asked", { title: "Turn this link off?", words, action: "Turn link off", icon: "link-2-off", agreed })
  }

  #askToRevokeAll() {
    const agreed = () => this.#revoke(this.#source, () => true, "All your links are off.")
    emit(this, "confirm.asked", { title: "Turn all your links off?", words: "Nobody sees anything through them from now on. Links that are off stay off.", action: "Turn all off", icon: "link-2-off", agreed })
  }

  /** @param {string} path @param {(share: Share) => boolean} isMeant @param {string} words */
  async #revoke(path, isMeant, words) {
    try {
      await this.#api.delete(path)
      this.#shares = this.#shares.map((share) => (isMeant(share) ? { ...share, state: "revoked" } : share))
      this.#draw()
      emit(this, "toast.shown", { text: words })
    } catch (error) {
      emit(this, "toast.shown", { text: wordsOf(error), tone: "bad" })
    }
  }

  /** @param {string} words */
  #trouble(words) {
    find(this, "[data-trouble]").hidden = !words
    setText(find(this, "[data-trouble] p"), words)
  }
}

/** @param {Share} share @param {Date} now */
function linkRow(share, now) {
  const row = fromTemplate("link-row")
  const { word, tone } = stateOf(share)
  const isOver = share.state === "revoked"
  row.dataset.share = share.id
  fill(row, "maker", share.maker.name)
  fill(row, "chat", titleOf(share.conversation))
  fill(row, "audience", audienceWords(share))
  fill(row, "content", contentWords(share))
  fill(row, "state", word)
  fill(row, "views", viewWords(share))
  fill(row, "seen", share.last_viewed_at ? `Last ${resetTime(new Date(share.last_viewed_at), now, true)}` : "")
  fill(row, "end", endWords(share, now))
  row.querySelector("[data-chat]")?.setAttribute("href", `/c/${share.conversation.id}`)
  if (tone) find(row, "[data-state]").dataset.tone = tone
  row.querySelector("[data-copy]")?.toggleAttribute("hidden", !share.url || isOver)
  find(row, "[data-revoke]").hidden = isOver
  return row
}

/** @param {Element} row @param {string} name @param {string} words */
function fill(row, name, words) {
  const cell = row.querySelector(`[data-${name}]`)
  if (cell) setText(cell, words)
}

customElements.define("links-page", LinksPage)
