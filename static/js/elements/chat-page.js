// The chat screen as a whole: its socket, its list, the conversation that is open, and the address that goes with it.

import { Api } from "lib/api.js"
import { emit } from "lib/dom.js"
import { LiveSocket } from "lib/socket.js"
import { storage } from "lib/storage.js"
import { ChatList } from "models/chat-list.js"
import { ConversationSession } from "models/conversation-session.js"
import { ConversationWriter } from "models/conversation-writer.js"
import { NewLine } from "models/new-line.js"
import { Outbox } from "models/outbox.js"
import { OwnPlace } from "models/own-place.js"
import { titleOf } from "models/titles.js"
import { TypingSignal } from "models/typing.js"

const TICK = 1000
const LOOK_AGAIN_EVERY = 60_000
/** Whoever asks for an answer wants to see it: no waiting for one's turn to connect again. */
const HURRIES = ["connection.hurried", "chat.asked", "answer.again", "answer.continued", "turn.retried"]

class ChatPage extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Page} */
  #page = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("page")).textContent ?? "")
  #api = new Api({ signedOut: () => this.#signIn() })
  #socket = new LiveSocket(`${location.protocol.replace("http", "ws")}//${location.host}/ws/`)
  #list = new ChatList(this.#api, this.#page.me.id)
  #outbox = new Outbox(storage, this.#page.me.id)
  /** @type {ConversationSession | null} */
  #session = null
  /** @type {ConversationWriter | null} */
  #writer = null
  /** @type {OwnPlace | null} */
  #own = null
  #typing = new TypingSignal()
  #wasConnected = false
  #wasGreeted = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    emit(this, "page.given", this.#page)
    emit(this, "chats.given", { list: this.#list, api: this.#api })
    this.#listenToSocket(signal)
    this.#listenToPerson(signal)
    this.#listenToBrowser(signal)
    this.#socket.start()
    this.#open(this.#page.conversation)
    this.#list.refresh()
  }

  disconnectedCallback() {
    this.#leaving.abort()
    this.#socket.stop()
  }

  /** @param {AbortSignal} signal */
  #listenToSocket(signal) {
    this.#socket.addEventListener("opened", () => this.#connected(), { signal })
    this.#socket.addEventListener("closed", (event) => emit(this, "connection.lost", /** @type {CustomEvent} */ (event).detail), { signal })
    this.#socket.addEventListener("ended", (event) => /** @type {CustomEvent} */ (event).detail.signIn && this.#signIn(), { signal })
    this.#socket.addEventListener("frame", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail), { signal })
  }

  /** @param {AbortSignal} signal */
  #listenToPerson(signal) {
    document.addEventListener("click", (event) => this.#clicked(event), { signal })
    document.addEventListener("chat.asked-new", () => this.#go(null), { signal })
    document.addEventListener("conversation.gone", ({ detail }) => this.#gone(detail.id, detail.reason), { signal })
    document.addEventListener("composer.typed", ({ detail }) => this.#typed(detail.text), { signal })
    document.addEventListener("chat.asked", () => this.#typing.sent(), { signal })
    for (const type of HURRIES) document.addEventListener(type, () => this.#socket.hurry(), { signal })
  }

  /** @param {AbortSignal} signal */
  #listenToBrowser(signal) {
    addEventListener("popstate", () => this.#follow(idIn(location.pathname)), { signal })
    addEventListener("online", () => this.#lookAgain(), { signal })
    addEventListener("offline", () => this.#socket.renew(), { signal })
    addEventListener("pagehide", () => this.#own?.flush(true), { signal })
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#lookAgain(), { signal })
    const ticks = [setInterval(() => this.#session?.tick(), TICK), setInterval(() => this.#lookNowAndThen(), LOOK_AGAIN_EVERY)]
    signal.addEventListener("abort", () => ticks.forEach(clearInterval))
  }

  /** @param {Id | null} id */
  async #open(id) {
    this.#own?.flush()
    this.#session?.close()
    const recovers = Boolean(id) || !this.#showsUnbegunChat
    const session = new ConversationSession(id, { api: this.#api, socket: this.#socket, settings: this.#settings, me: this.#page.me })
    const writer = new ConversationWriter(session, { api: this.#api, outbox: this.#outbox })
    this.#session = session
    this.#writer = writer
    this.#own = new OwnPlace(session, { api: this.#api })
    this.#listenToSession(session)
    if (id) session.state = "reading"
    emit(this, "session.changed", { session, writer, own: this.#own, line: new NewLine(session) })
    emit(this, "chat.opened", { id })
    await session.open()
    if (recovers && !session.problem && session === this.#session) writer.recover()
  }

  // "New chat" beside a first message that could not be sent means another one.
  get #showsUnbegunChat() {
    return Boolean(this.#session?.id && !this.#session.conversation && this.#session.turns().length)
  }

  /** @returns {ChatSettings} what a new chat begins with */
  get #settings() {
    const { system_prompt, models: { items, default: usual } } = this.#page
    const last = storage.getItem("model")
    return { model: items.some(({ id }) => id === last) ? /** @type {string} */ (last) : usual, system_prompt, parameters: {} }
  }

  /** @param {ConversationSession} session */
  #listenToSession(session) {
    const { signal } = this.#leaving
    session.addEventListener("began", () => this.#began(session), { signal })
  }

  /** @param {ConversationSession} session */
  #began(session) {
    if (session.conversation) this.#list.put(session.conversation)
    if (session !== this.#session) return
    history.pushState(null, "", `/c/${session.id}`)
    emit(this, "session.named", { session })
  }

  #connected() {
    this.#wasGreeted = false
    emit(this, "connection.found")
    this.#session?.listen()
    this.#session?.heal()
    if (this.#wasConnected || this.#list.problem) this.#reconnected()
    this.#wasConnected = true
  }

  #reconnected() {
    this.#list.refresh()
    this.#writer?.resendUnreached()
  }

  // The first greeting of a connection says nothing new. Another one: the server has lost some of what it was to tell.
  #greeted() {
    if (this.#wasGreeted) this.#lookAgain()
    this.#wasGreeted = true
  }

  #lookAgain() {
    this.#socket.hurry()
    this.#session?.heal()
    this.#list.refresh()
  }

  #lookNowAndThen() {
    if (document.visibilityState === "visible" && this.#socket.isOpen) this.#lookAgain()
  }

  /** @param {Frame} frame */
  #hear(frame) {
    this.#session?.hear(frame)
    if (frame.type === "hello") this.#greeted()
    if (frame.item && frame.type.startsWith("conversation.")) this.#list.put(frame.item)
    this.#pass(frame)
    if (frame.type === "conversation.removed") this.#removed(/** @type {Id} */ (frame.conversation), frame.reason)
    if (frame.type === "message.created" || frame.type === "completion.finished") this.#hearAnswer(frame)
  }

  // What other elements draw.
  /** @param {Frame} frame */
  #pass({ type, conversation, people, person, notification, unread }) {
    if (type === "budget.changed") emit(this, type)
    if (type === "presence.changed") emit(this, type, { conversation, people })
    if (type === "typing.started") emit(this, "typing.heard", { conversation, person })
    if (type.startsWith("member.")) emit(this, "members.changed", { conversation })
    if (type === "notification.created") emit(this, "notification.heard", { notification, unread })
    if (type === "notifications.read") emit(this, type, { unread })
  }

  // An old conversation that lives again, or one whose creation was not heard, is not in the list.
  /** @param {Frame} frame */
  async #hearAnswer(frame) {
    if (!this.#list.hear(frame)) await this.#list.fetch(frame)
    const id = /** @type {Id} */ (frame.conversation)
    if (frame.type === "completion.finished" && id !== this.#session?.id && this.#isAwaited(frame.message)) this.#tellOfAnswer(id)
  }

  // What others asked for is news in the list, and no more.
  /** @param {Message} answer */
  #isAwaited({ status, completion }) {
    return completion?.requested_by === this.#page.me.id && status !== "stopped"
  }

  /** @param {Id} id */
  #tellOfAnswer(id) {
    const link = { href: `/c/${id}`, text: "Open" }
    emit(this, "toast.shown", { text: `Answer ready in “${titleOf(this.#list.get(id))}”.`, link })
  }

  /** @param {Id} id @param {Frame["reason"]} reason */
  #removed(id, reason) {
    this.#list.remove(id)
    this.#gone(id, reason)
  }

  /** @param {Id} id of a conversation that the person may not see any more @param {Frame["reason"]} [reason] */
  #gone(id, reason = "deleted") {
    if (this.#session?.id !== id) return
    this.#own?.drop()
    emit(this, "chat.lost", { unsent: this.#writer?.discardAll() ?? [] })
    history.replaceState(null, "", "/")
    this.#open(null)
    if (reason === "removed") this.#session?.refuse({ code: "removed", detail: "You were removed from this chat." })
    else emit(this, "toast.shown", { text: reason === "left" ? "You left the chat." : "The chat is deleted." })
  }

  /** @param {string} text */
  #typed(text) {
    const { conversation, team } = this.#session ?? {}
    if (!conversation || !team?.isShared || !team.mayWrite || !this.#socket.isOpen) return
    if (this.#typing.typed(text, Date.now())) this.#socket.send({ type: "typing.started", conversation: conversation.id })
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest('a[data-chat], a[href^="/c/"]'))
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented) return
    event.preventDefault()
    this.#go(idIn(new URL(link.href).pathname))
  }

  /** @param {Id | null} id */
  #go(id) {
    if (id && id === this.#session?.id) return emit(this, "chat.opened", { id })
    history.pushState(null, "", id ? `/c/${id}` : "/")
    return this.#open(id)
  }

  // The skip link changes the address too, but not the chat.
  /** @param {Id | null} id */
  #follow(id) {
    if (id !== (this.#session?.conversation?.id ?? null)) this.#open(id)
  }

  // What was typed is kept as a draft and is there again after signing in.
  #signIn() {
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`)
  }
}

/** @param {string} path @returns {Id | null} */
function idIn(path) {
  return /^\/c\/([0-9a-f-]{36})\/?$/i.exec(path)?.[1] ?? null
}

customElements.define("chat-page", ChatPage)
