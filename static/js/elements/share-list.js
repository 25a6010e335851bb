// The links of a conversation: copies one, turns one off, says until when and how often each was opened.

import { copyText } from "lib/clipboard.js"
import { arrange, arrangeUnderFocus, emit, find, fromTemplate, setIcon, setText } from "lib/dom.js"
import { wordsOf } from "lib/trouble.js"
import { audienceIcon, audienceWords, closedWords, contentWords, lifeWords, parted, stateOf } from "models/share-words.js"

/** @typedef {import("models/share-links.js").ShareLinks} Links */

const COPIED_FOR = 2000

class ShareList extends HTMLElement {
  #leaving = new AbortController()
  #following = new AbortController()
  /** @type {Links | null} */
  #links = null
  /** @type {Id | null} */
  #me = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("share.opened", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("share.made", ({ detail }) => detail.links === this.#links && this.#showMade(), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.addEventListener("focusin", ({ target }) => target instanceof HTMLInputElement && target.select(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#following.abort()
  }

  /** @param {{links: Links, people: import("models/share-people.js").SharePeople}} opened */
  #follow({ links, people }) {
    this.#following.abort()
    this.#following = new AbortController()
    this.#links = links
    this.#me = people.me
    this.#draw(links)
    links.addEventListener("changed", () => this.#draw(links), { signal: this.#following.signal })
  }

  /** @param {Links} links */
  #draw({ shares, made }) {
    const { open, closed } = parted(shares)
    const now = new Date()
    this.hidden = !shares.length
    find(this, "[data-closed-part]").hidden = !closed.length
    setText(find(this, "summary"), closedWords(closed.length))
    arrangeUnderFocus(find(this, "[data-open]"), open.map((share) => this.#row(share, now, share.id === made)))
    arrange(find(this, "[data-closed]"), closed.map((share) => this.#row(share, now, false)))
  }

  // A row stays the same element as long as its link is there, so that focus stays where it is.
  /** @param {Share} share @param {Date} now @param {boolean} isNew */
  #row(share, now, isNew) {
    const row = /** @type {HTMLElement} */ (this.querySelector(`[data-share="${CSS.escape(share.id)}"]`) ?? fromTemplate("share-link"))
    const { word, tone } = stateOf(share)
    const isOver = share.state === "revoked" || share.state === "expired"
    row.dataset.share = share.id
    row.toggleAttribute("data-new", isNew)
    setIcon(find(row, "[data-icon] .icon"), audienceIcon(share))
    setText(find(row, "[data-audience]"), audienceWords(share))
    setText(find(row, "[data-state]"), word)
    if (tone) find(row, "[data-state]").dataset.tone = tone
    else find(row, "[data-state]").removeAttribute("data-tone")
    find(row, "[data-state]").hidden = share.state === "open"
    setText(find(row, "[data-content]"), contentWords(share))
    setText(find(row, "[data-life]"), [lifeWords(share, now), share.maker.id === this.#me ? "" : `Made by ${share.maker.name}.`].join(" ").trim())
    find(row, "[data-address]").hidden = !share.url || isOver
    find(row, "input").value = share.url ?? ""
    find(row, "[data-revoke]").hidden = isOver
    return row
  }

  #showMade() {
    const button = /** @type {HTMLElement | null} */ (this.querySelector("[data-new] [data-copy]"))
    button?.focus()
    button?.closest("li")?.scrollIntoView({ block: "nearest" })
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (target).closest("button"))
    const id = /** @type {HTMLElement | null} */ (button?.closest("[data-share]"))?.dataset.share
    const share = this.#links?.shares.find((one) => one.id === id)
    if (button?.matches("[data-copy]") && share?.url) this.#copy(button, share.url)
    if (button?.matches("[data-revoke]") && share) this.#askToRevoke(share)
  }

  /** @param {HTMLButtonElement} button @param {string} url */
  async #copy(button, url) {
    const isDone = await copyText(url)
    const label = find(button, "span")
    setIcon(find(button, ".icon"), isDone ? "check" : "x")
    setText(label, isDone ? "Copied" : "Not copied")
    emit(this, "share.said", { text: isDone ? "The link is copied." : "The link could not be copied. Select it and copy it by hand." })
    setTimeout(() => (setText(label, "Copy link"), setIcon(find(button, ".icon"), "copy")), COPIED_FOR)
  }

  /** @param {Share} share */
  #askToRevoke(share) {
    const words = `${audienceWords(share)}: from now on it shows nothing. A link that is off stays off.`
    emit(this, "confirm.asked", { title: "Turn this link off?", words, action: "Turn link off", icon: "link-2-off", agreed: () => this.#revoke(share) })
  }

  /** @param {Share} share */
  async #revoke(share) {
    const said = await this.#links?.revoke(share.id).then(() => "The link is off.", wordsOf)
    emit(this, "share.said", { text: said, isShown: true })
  }
}

customElements.define("share-list", ShareList)
