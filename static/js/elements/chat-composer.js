// The message box. Enter sends; while an answer is written the button of an empty box stops it. What is typed is never lost.

import { copyText } from "lib/clipboard.js"
import { emit, find, isTouch, setIcon, setText } from "lib/dom.js"
import { chord, isComposing } from "lib/keys.js"
import { storage } from "lib/storage.js"
import { both, DraftSync } from "models/draft-sync.js"

const KEEP_AFTER = 250
const LINES_AT_MOST = 12

class ChatComposer extends HTMLElement {
  #leaving = new AbortController()
  /** @type {import("models/conversation-session.js").ConversationSession | null} */
  #session = null
  /** @type {import("models/own-place.js").OwnPlace | null} */
  #own = null
  /** @type {DraftSync | null} */
  #drafts = null
  /** @type {Id | null} */
  #place = null
  #limit = 100_000
  /** Send was pressed before the conversation was there: only then is known what the message answers. */
  #hasty = false
  /** Whether the server's draft of this conversation was seen. */
  #isMerged = false
  /** What was written for a chat that is gone: it goes into the next box. */
  #rescued = ""
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #keeping

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("page.given", ({ detail }) => this.#know(detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#follow(detail), { signal })
    document.addEventListener("composer.focused", () => this.#field.focus(), { signal })
    document.addEventListener("composer.filled", ({ detail }) => this.#filled(detail), { signal })
    document.addEventListener("chat.lost", ({ detail }) => this.#rescue(detail.unsent), { signal })
    document.addEventListener("composer.sent", () => this.#send(), { signal })
    document.addEventListener("composer.moved", () => this.#move(), { signal })
    this.#field.addEventListener("input", () => this.#typed(), { signal })
    this.#field.addEventListener("keydown", (event) => this.#pressed(event), { signal })
    find(this, "form").addEventListener("submit", (/** @type {Event} */ event) => this.#submit(event), { signal })
    find(this, "[data-copy]").addEventListener("click", () => this.#copy(), { signal })
    find(this, "[data-discard]").addEventListener("click", () => this.#discard(), { signal })
    addEventListener("pagehide", () => this.#keep(), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @returns {HTMLTextAreaElement} */
  get #field() {
    return find(this, "#message")
  }

  // What was typed beside a running answer is sent and waits its turn.
  get #isStop() {
    return !this.#field.value.trim() && Boolean(this.#session?.stoppable || this.#isUnstoppable)
  }

  /** Whether nothing can be sent from here now. What is in the box stays. */
  get #isClosed() {
    const { id, problem, team } = this.#session ?? {}
    return Boolean(id && problem) || team?.mayWrite === false
  }

  /** @param {Page} page */
  #know({ me, limits }) {
    this.#drafts = new DraftSync(storage, me.id)
    this.#limit = limits.message
  }

  /** @param {DocumentEventMap["session.changed"]["detail"]} opened */
  #follow({ session, own }) {
    const { signal } = this.#leaving
    own.addEventListener("kept", (event) => this.#kept(session.id, /** @type {CustomEvent} */ (event).detail.fields), { signal })
    session.addEventListener("changed", () => session === this.#session && this.#changed(), { signal })
    session.addEventListener("began", () => session === this.#session && this.#moveTo(session.id), { signal })
    session.addEventListener("refused", (event) => this.#refused(session, /** @type {CustomEvent} */ (event).detail), { signal })
    this.#turnTo(session)
    this.#own = own
    if (this.#rescued) this.#fill(this.#rescued)
    this.#rescued = ""
    this.#show()
    if (!isTouch()) this.#field.focus({ preventScroll: true })
  }

  // What was typed before this script ran belongs to the first conversation.
  /** @param {import("models/conversation-session.js").ConversationSession} session */
  #turnTo(session) {
    const typed = this.#session ? "" : this.#field.value
    if (this.#session) this.#keep()
    this.#session = session
    this.#place = session.id
    this.#hasty = this.#isMerged = false
    const draft = this.#drafts?.read(session.id) ?? ""
    this.#field.value = typed || draft
    if (typed) this.#drafts?.type(session.id)
  }

  #changed() {
    this.#mergeDraft()
    this.#show()
    if (this.#hasty && this.#session?.state === "ready") this.#send()
  }

  // What is typed while the first message is on its way belongs to the chat that now exists.
  /** @param {Id | null} id */
  #moveTo(id) {
    this.#drafts?.write(this.#place, "")
    this.#place = id
    this.#drafts?.type(id)
    this.#keep()
  }

  #typed() {
    clearTimeout(this.#keeping)
    this.#keeping = setTimeout(() => this.#keep(), KEEP_AFTER)
    this.#drafts?.type(this.#place)
    this.#own?.write(this.#field.value)
    emit(this, "composer.typed", { text: this.#field.value })
    this.#show()
  }

  // What was begun on another device goes on here, unless something newer was typed or sent.
  #mergeDraft() {
    const { conversation } = this.#session ?? {}
    if (!conversation || conversation.id !== this.#place || this.#hasty || this.#own?.tellsDraft) return
    const { text, isNews } = /** @type {DraftSync} */ (this.#drafts).merged(conversation.id, this.#field.value, conversation.draft)
    if (isNews && !this.#isMerged) this.#own?.write(text)
    this.#isMerged = true
    if (text !== this.#field.value) this.#field.value = text
  }

  /** @param {Id | null} id @param {import("models/own-place.js").Own} fields */
  #kept(id, { draft }) {
    if (id && draft !== undefined) this.#drafts?.agree(id, draft, id === this.#place ? this.#field.value : undefined)
  }

  #keep() {
    clearTimeout(this.#keeping)
    this.#drafts?.keep(this.#place, this.#field.value)
  }

  #show() {
    const { value } = this.#field
    const over = this.#tooLong(value)
    find(this, "reply-choice").read(value)
    this.#showButton(value.trim() !== "" && over <= 0 && !this.#isClosed)
    this.#showRole()
    setText(find(this, "[data-note]"), this.#note(value, over))
    this.#fitRows(value)
  }

  /** @param {string} text @param {number} over @returns {string} why it cannot be sent */
  #note(text, over) {
    if (over > 0) return `${over.toLocaleString("en-US")} characters too long`
    return text.trim() && this.#isClosed && this.#session?.problem ? "This chat is not open: nothing can be sent" : ""
  }

  /** @param {boolean} isSendable */
  #showButton(isSendable) {
    const button = find(this, "[data-send]")
    const stops = this.#isStop
    setIcon(find(button, ".icon"), stops ? "square" : "arrow-up")
    button.toggleAttribute("data-stops", stops)
    button.setAttribute("aria-label", stops ? "Stop the answer" : "Send the message")
    button.disabled = stops ? !this.#session?.stoppable : !isSendable
  }

  // Who only reads is told whom to ask. The role may change at any time: what was typed until then can be copied.
  #showRole() {
    const { mayWrite = true, owner, isShared = false } = this.#session?.team ?? {}
    const isLeft = !mayWrite && this.#field.value.trim() !== ""
    find(this, "form").hidden = !mayWrite && !isLeft
    find(this, "form footer").hidden = this.#field.readOnly = !mayWrite
    find(this, "[data-reading]").hidden = mayWrite
    find(this, "[data-copy]").hidden = find(this, "[data-discard]").hidden = !isLeft
    if (!mayWrite) setText(find(this, "[data-reading] [data-words]"), `You can read this chat, but not write in it. Ask ${owner?.name ?? "its owner"} if you want to.`)
    const words = isShared ? "Ask Gemini, or write to the team with @" : "Ask Gemini"
    if (this.#field.placeholder !== words) this.#field.placeholder = words
  }

  // An answer that the server has not confirmed yet cannot be named to it.
  get #isUnstoppable() {
    const last = this.#session?.turns().at(-1)
    return last?.role === "assistant" && last.sending === "pending"
  }

  /** @param {string} text @returns {number} characters beyond the limit; the server counts code points */
  #tooLong(text) {
    return text.length > this.#limit ? [...text].length - this.#limit : 0
  }

  // Firefox and Safari do not size a field by its content yet.
  /** @param {string} text */
  #fitRows(text) {
    if (!CSS.supports("field-sizing", "content")) this.#field.rows = Math.min(LINES_AT_MOST, text.split("\n", LINES_AT_MOST).length)
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.defaultPrevented || isComposing(event)) return
    const pressed = chord(event)
    if (pressed === "mod+Enter" || (pressed === "Enter" && !isTouch())) this.#enter(event)
    if (pressed === "ArrowUp" && !this.#field.value && !emit(this, "edit.asked")) event.preventDefault()
  }

  /** @param {Event} event */
  #enter(event) {
    event.preventDefault()
    if (this.#isStop) emit(this, "status.said", { text: "Gemini is still answering. Escape stops it." })
    else this.#send()
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault()
    if (this.#isStop) emit(this, "answer.stopped")
    else this.#send()
  }

  #send() {
    const text = this.#field.value
    this.#hasty = this.#session?.state === "reading"
    if (this.#hasty || this.#isClosed || !text.trim() || this.#tooLong(text) > 0) return
    const reply = find(this, "reply-choice").wantsReply
    this.#empty()
    emit(this, "chat.asked", { text, reply })
    this.#show()
    this.#field.focus()
  }

  // Told before anything else happens, so that nobody takes the draft for what is still to be said.
  #empty() {
    this.#field.value = ""
    this.#drafts?.type(this.#place)
    this.#keep()
    this.#own?.write("")
  }

  async #copy() {
    const copied = await copyText(this.#field.value)
    emit(this, "toast.shown", copied ? { text: "Your draft is copied." } : { text: "Copying was not possible.", tone: "warn" })
  }

  #discard() {
    this.#empty()
    this.#show()
  }

  // The budget does not allow it: the text is here again, or among the drafts of a chat that was left meanwhile.
  /** @param {import("models/conversation-session.js").ConversationSession} session @param {{refusal: Refusal, text: string}} refused */
  #refused(session, { refusal, text }) {
    if (session !== this.#session) return text && session.id && this.#drafts?.add(session.id, text)
    if (text) this.#fill(text)
    return emit(this, "budget.refused", { refusal, kept: Boolean(text) })
  }

  // The same text begins a new chat.
  #move() {
    const text = this.#field.value
    this.#empty()
    emit(this, "chat.asked-new")
    this.#fill(text)
  }

  // The chat is gone for this person, what they wrote for it is not.
  /** @param {string[]} unsent */
  #rescue(unsent) {
    this.#rescued = both(...unsent, this.#field.value)
    this.#field.value = ""
    this.#drafts?.write(this.#place, "")
  }

  /** @param {{text: string, conversation?: Id | null}} detail conversation: where the text belongs, if somebody may have left it meanwhile */
  #filled({ text, conversation }) {
    if (conversation && conversation !== this.#session?.id) this.#drafts?.add(conversation, text)
    else this.#fill(text)
  }

  // What is there already is not overwritten.
  /** @param {string} text */
  #fill(text) {
    this.#field.value = this.#field.value.trim() ? `${text}\n\n${this.#field.value}` : text
    this.#field.focus()
    this.#field.setSelectionRange(text.length, text.length)
    this.#typed()
  }
}

customElements.define("chat-composer", ChatComposer)
