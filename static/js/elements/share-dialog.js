// The dialog in which a conversation is shared: its people, its links, and the preview of a link to come.

import { ApiError } from "lib/api.js"
import { emit, find, isTouch, setText } from "lib/dom.js"
import { wordsOf } from "lib/trouble.js"
import { ShareLinks } from "models/share-links.js"
import { SharePeople } from "models/share-people.js"
import { parted } from "models/share-words.js"

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */
/** @typedef {"people" | "links" | "preview"} Part */

const HEADINGS = { people: "Share this chat", links: "Share this chat", preview: "What the link shows" }

class ShareDialog extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Session | null} */
  #session = null
  /** @type {import("lib/api.js").Api | null} */
  #api = null
  /** @type {Id} */
  #me = ""
  /** @type {SharePeople | null} */
  #people = null
  /** @type {ShareLinks | null} */
  #links = null
  #hasLink = false
  /** Whether the conversation had a link when that was last heard of. */
  #wore = false
  /** @type {Part} */
  #part = "people"

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => (this.#me = detail.me.id), { signal })
    document.addEventListener("chats.given", ({ detail }) => (this.#api = detail.api), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#turnTo(detail.session), { signal })
    document.addEventListener("share.asked", () => this.#open(), { signal })
    window.addEventListener("focus", () => this.#refreshLinks(), { signal })
    document.addEventListener("members.changed", ({ detail }) => detail.conversation === this.#people?.id && this.#dialog.open && this.#load(), { signal })
    this.#listen(signal)
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    this.addEventListener("share.said", (event) => this.#say(/** @type {CustomEvent} */ (event).detail), { signal })
    this.addEventListener("share.ended", () => this.#dialog.close(), { signal })
    this.addEventListener("share.form-changed", (event) => this.#formChanged(/** @type {CustomEvent} */ (event).detail), { signal })
    this.addEventListener("share.previewed", (event) => this.#previewed(/** @type {CustomEvent} */ (event)), { signal, capture: true })
    for (const type of ["share.made", "share.refused"]) this.addEventListener(type, (event) => this.#ended(/** @type {CustomEvent} */ (event).detail), { signal, capture: true })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    this.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && target.name === "answering" && this.#answer(target), { signal })
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, "dialog")
  }

  /** @param {Session} session */
  #turnTo(session) {
    this.#session = session
    this.#dialog.close()
    session.addEventListener("changed", () => session === this.#session && this.#dialog.open && this.#sessionChanged(), { signal: this.#leaving.signal })
  }

  #sessionChanged() {
    this.#drawAnswering()
    const wears = Boolean(this.#session?.conversation?.has_link)
    if (wears === this.#wore) return
    this.#wore = wears
    this.#refreshLinks()
  }

  // Others may have made links meanwhile, or turned some off. That it did not work says what was known before.
  #refreshLinks() {
    if (this.#dialog.open && this.#people?.role !== "reader") this.#links?.load().catch(() => {})
  }

  #open() {
    const { conversation } = this.#session ?? {}
    if (!conversation || !this.#api || this.#dialog.open) return
    const people = (this.#people = new SharePeople(conversation.id, this.#api, this.#me))
    const links = (this.#links = new ShareLinks(conversation.id, this.#api))
    const until = this.#session?.turns().findLast(({ sending }) => !sending)?.id ?? null
    people.addEventListener("changed", () => this.#obey(people))
    links.addEventListener("changed", () => this.#countLinks(links))
    this.#wore = conversation.has_link
    this.#wait(false)
    emit(this, "share.opened", { people, links, until })
    find(this, "[data-part-of='people']").setAttribute("aria-busy", "true")
    this.#obey(people)
    this.#turn("people")
    this.#countLinks(links)
    this.#dialog.showModal()
    this.#begin()
  }

  // Who may add somebody probably wants to; on a phone that would open the keyboard over everything.
  async #begin() {
    const [tab] = this.#tabs
    tab.focus()
    await this.#load()
    if (this.#people?.mayManage && document.activeElement === tab && !isTouch()) find(this, "share-people input").focus()
  }

  async #load() {
    const [people, links] = [this.#people, this.#links]
    try {
      await people?.load()
      if (people?.role !== "reader") await links?.load()
    } catch (error) {
      if (people === this.#people) this.#failed(error)
    }
  }

  // Who was removed meanwhile has nothing to see here.
  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof ApiError && error.status === 404) this.#dialog.close()
    else this.#trouble(wordsOf(error))
  }

  /** What somebody of that role may do. @param {SharePeople} people */
  #obey(people) {
    if (people !== this.#people) return
    const role = people.role ?? this.#session?.conversation?.role
    const mayShare = role !== "reader"
    this.#trouble("")
    find(this, "[data-part-of='people']").setAttribute("aria-busy", String(!people.members.length))
    find(this, "[data-tabs]").hidden = !mayShare
    setText(find(this, "[data-count]"), people.members.length ? String(people.members.length) : "")
    if (!mayShare && this.#part !== "people") this.#turn("people")
    this.#drawAnswering()
  }

  /** @param {ShareLinks} links */
  #countLinks(links) {
    if (links !== this.#links) return
    const { open } = parted(links.shares)
    setText(find(this, "[data-link-count]"), open.length ? String(open.length) : "")
  }

  #drawAnswering() {
    const conversation = this.#session?.conversation
    find(this, "[data-answering]").hidden = (this.#people?.role ?? conversation?.role) === "reader"
    for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll("[name='answering']"))) radio.checked = radio.value === conversation?.answering
  }

  /** @param {HTMLInputElement} radio */
  async #answer({ value }) {
    const [people, session] = [this.#people, this.#session]
    try {
      const conversation = await this.#api?.patch(`conversations/${people?.id}`, { answering: value })
      session?.takeConversation(conversation)
      if (people !== this.#people) return
      this.#say({ text: value === "always" ? "Gemini answers every message." : "Gemini answers only when it is addressed." })
    } catch (error) {
      if (people !== this.#people) return
      this.#trouble(wordsOf(error))
      this.#drawAnswering()
    }
  }

  /** @param {Part} part */
  #turn(part) {
    this.#part = part
    for (const panel of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[data-part-of]"))) panel.hidden = panel.dataset.partOf !== part
    for (const tab of this.#tabs) this.#mark(tab, tab.dataset.part === part)
    this.#tabs[0].parentElement?.toggleAttribute("hidden", part === "preview" || this.#people?.role === "reader")
    setText(find(this, "h2"), HEADINGS[part])
    this.#trouble("")
    this.#say({ text: "" })
    this.#drawFoot()
    find(this, "[data-body]").scrollTop = 0
    if (part === "preview") find(this, "[data-agree]").focus()
  }

  /** @returns {HTMLElement[]} */
  get #tabs() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[role='tab']"))]
  }

  /** @param {HTMLElement} tab @param {boolean} isOn */
  #mark(tab, isOn) {
    tab.setAttribute("aria-selected", String(isOn))
    tab.tabIndex = isOn ? 0 : -1
  }

  /** @param {{hasLink: boolean}} form */
  #formChanged({ hasLink }) {
    this.#hasLink = hasLink
    this.#drawFoot()
  }

  #drawFoot() {
    const isPreview = this.#part === "preview"
    const mayPreview = this.#part === "links" && this.#hasLink
    find(this, "[data-back]").hidden = find(this, "[data-agree]").hidden = !isPreview
    find(this, "[data-look]").hidden = !mayPreview
    find(this, "[data-done]").hidden = isPreview
    find(this, "[data-done]").classList.toggle("primary", !mayPreview)
  }

  // Before the others hear of it: what belongs to another conversation, or comes when the person has gone on, ends here.
  /** @param {CustomEvent<ShareLook>} event */
  #previewed(event) {
    const { links, outdated = "" } = event.detail
    const from = outdated ? "preview" : "links"
    if (links !== this.#links || !this.#dialog.open || this.#part !== from) return event.stopPropagation()
    this.#wait(false)
    this.#turn("preview")
    this.#trouble(outdated)
  }

  // The link exists, or it was refused and the form says why. Before the others hear of it, so that they can take the focus.
  /** @param {{links: ShareLinks}} ended */
  #ended({ links }) {
    if (links !== this.#links) return
    this.#wait(false)
    this.#turn("links")
  }

  /** While a link is being made nothing leads away from what it shows. @param {boolean} isOn */
  #wait(isOn) {
    for (const name of ["[data-agree]", "[data-back]"]) find(this, name).disabled = isOn
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {Element} */ (target).closest("button"))
    if (button?.dataset.part) this.#turn(/** @type {Part} */ (button.dataset.part))
    if (button?.matches("[data-close]")) this.#dialog.close()
    if (button?.matches("[data-agree]")) this.#agree()
  }

  #agree() {
    this.#wait(true)
    emit(this, "share.agreed")
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const tabs = this.#tabs
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target))
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (at < 0 || !by) return
    event.preventDefault()
    const next = /** @type {HTMLElement} */ (tabs.at((at + by) % tabs.length))
    this.#turn(/** @type {Part} */ (next.dataset.part))
    next.focus()
  }

  /** For screen readers; and to be seen, where nothing else shows it. @param {{text: string, isShown?: boolean}} said */
  #say({ text, isShown = false }) {
    const line = find(this, "[data-said]")
    line.classList.toggle("hidden-visually", !isShown || !text)
    setText(line, text)
  }

  /** @param {string} words */
  #trouble(words) {
    setText(find(this, "[data-trouble] p"), words)
    find(this, "[data-trouble]").hidden = !words
  }
}

customElements.define("share-dialog", ShareDialog)
