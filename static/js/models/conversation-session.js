// The conversation on screen: reads it, follows it over the socket, and asks again for whatever was missed.
// It listens first and asks second; rows and events may then come in any order.

import { ApiError, problemOf, query } from "lib/api.js"
import { BranchPages } from "models/branch-pages.js"
import { CatchUp } from "models/catch-up.js"
import { ConversationStore } from "models/conversation-store.js"
import { LiveWatch } from "models/live-watch.js"
import { awaited } from "models/local-rows.js"
import { isLive } from "models/status.js"

/**
 * Events: "changed" (turns or fields), "grew" {id}, "started" {id}, "finished" {id}, "waiting" {id, seconds}, "began".
 */
export class ConversationSession extends EventTarget {
  store = new ConversationStore()
  /** @type {Conversation | null} */
  conversation = null
  /** @type {Problem | null} why it cannot be shown */
  problem = null
  /** @type {"new" | "reading" | "ready"} */
  state = "new"
  /** Set while the person's own choice of a branch is on its way, so that older news does not undo it. */
  choosing = 0
  /** Questions of this page whose request is not answered yet. @type {Set<Id>} */
  asking = new Set()

  #closed = false
  #healsLater = false
  #api
  #socket
  #pages
  #catchUp
  #watch

  /**
   * @param {Id | null} id null: a chat that does not exist yet
   * @param {{api: import("lib/api.js").Api, socket: import("lib/socket.js").LiveSocket, settings: ChatSettings, me: Person, now?: () => number, wait?: (ms: number) => Promise<void>}} edges
   */
  constructor(id, { api, socket, settings, me, now, wait }) {
    super()
    this.id = id
    this.me = me
    this.settings = settings
    this.#api = api
    this.#socket = socket
    this.#pages = new BranchPages(api, this.store)
    this.#catchUp = new CatchUp(() => this.#askForChanges(), wait)
    this.#watch = new LiveWatch({ ask: (answer) => this.#sync(answer), giveUp: () => socket.renew(), now })
  }

  get isBusy() {
    const last = this.turns().at(-1)
    return Boolean(last && last.role === "assistant" && isLive(last.status))
  }

  get hasOlder() {
    return this.#pages.hasOlder
  }

  /** What the conversation is set to: its own values, or those it will begin with. @returns {ChatSettings} */
  get chosen() {
    return this.conversation ?? this.settings
  }

  /** @returns {Message[]} the branch on screen; a question on its way has the row of its answer below it until that comes */
  turns() {
    const path = this.store.path()
    const last = path.at(-1)
    return last?.role === "user" && this.asking.has(last.id) ? [...path, awaited(last)] : path
  }

  /** Read the conversation and show it. Never throws: `problem` says what went wrong. */
  async open() {
    if (!this.id) return
    this.state = "reading"
    this.listen()
    try {
      const [conversation, page] = await Promise.all([this.#api.get(`conversations/${this.id}`), this.#pages.read(this.id, "current")])
      this.#show(conversation, page)
    } catch (error) {
      this.#cannotShow(error)
    }
  }

  /** The messages above. @returns {Promise<boolean>} whether any came */
  async readOlder() {
    const came = Boolean(this.id) && (await this.#pages.readOlder(/** @type {Id} */ (this.id)))
    if (came) this.#tell("changed")
    return came
  }

  /** Show the branch that goes through a message, reading it if it is not here. @param {Id} id */
  async goTo(id) {
    if (!this.store.get(id) || !this.#pages.isWhole(id)) this.#pages.take(await this.#pages.read(/** @type {Id} */ (this.id), id))
    this.#stand(this.store.leafOf(id))
  }

  /** Tell the server what is on screen: deltas come from now on. */
  listen() {
    if (this.id && !this.#closed) this.#socket.send({ type: "conversation.open", conversation: this.id })
  }

  close() {
    this.#closed = true
    if (this.id) this.#socket.send({ type: "conversation.close", conversation: this.id })
  }

  /** The connection is back, or somebody looks again: ask for what was missed meanwhile. */
  async heal() {
    this.#healsLater = this.state === "reading"
    if (this.#closed || this.#healsLater) return
    if (this.problem) return this.open()
    if (!this.conversation) return
    this.#syncLive()
    await this.#catchUp.need().catch(() => {})
    this.#syncLive()
  }

  /** Call it about once a second. */
  tick() {
    if (!this.#closed && this.#socket.isOpen) this.#watch.tick(this.store.live().map(({ id }) => id))
  }

  /** @param {Frame} frame */
  hear(frame) {
    if (this.#closed) return
    if (frame.type === "completion.delta") this.#grow(frame)
    else if (frame.conversation === this.id) this.#hearFact(frame)
    else if (frame.type === "completion.waiting" && this.store.get(frame.message)) this.#tell("waiting", { id: frame.message, seconds: frame.seconds })
  }

  /** Rows that the server answered or told. @param {Message[]} messages */
  take(messages) {
    for (const message of messages) this.#put(message)
    this.#tell("changed")
  }

  /** @param {Conversation} conversation */
  takeConversation(conversation) {
    if (this.conversation && this.conversation.version > conversation.version) return
    this.conversation = conversation
    this.#tell("changed")
  }

  /** Show a message that the server does not have yet. @param {Message} message */
  showLocal(message) {
    this.store.put(message)
    this.#stand(message.id)
  }

  /** @param {Id} id @param {Partial<Message>} fields */
  patchLocal(id, fields) {
    this.store.patch(id, fields)
    this.#tell("changed")
  }

  /** @param {Id} id */
  dropLocal(id) {
    this.store.drop(id)
    this.#tell("changed")
  }

  /** The conversation exists on the server now. @param {Conversation} conversation */
  began(conversation) {
    this.conversation = conversation
    this.state = "ready"
    this.store.version = Math.max(this.store.version, conversation.version)
    this.listen()
    this.#tell("began")
  }

  /** @param {Conversation} conversation @param {Listing<Message>} page */
  #show(conversation, page) {
    this.problem = null
    this.conversation = conversation
    this.state = "ready"
    const head = page.items[0]?.id ?? null
    this.store.version = Math.max(this.store.version, ...page.items.map(({ version }) => version), page.items.length ? 0 : conversation.version)
    this.#pages.take(page)
    this.#stand(head && this.store.leafOf(head))
    this.#syncLive()
    if (this.#healsLater || conversation.version > this.store.version) this.heal()
  }

  /** @param {unknown} error */
  #cannotShow(error) {
    this.state = "ready"
    const missing = error instanceof ApiError && error.status === 404
    this.problem = missing ? { code: "not_found", detail: error.detail } : problemOf(error)
    this.#tell("changed")
  }

  /** @param {Frame} frame */
  #hearFact({ type, message, version, item }) {
    if (message && typeof message === "object") this.#hearRow(message, version ?? message.version)
    else if (type === "conversation.updated" && item) this.#hearConversation(item)
  }

  /** @param {Message} message @param {number} version */
  #hearRow(message, version) {
    const complete = this.store.advance(version)
    this.take([message])
    if (!complete) this.#missed()
  }

  /** @param {Conversation} item */
  #hearConversation(item) {
    const complete = this.store.advance(item.version)
    this.takeConversation(item)
    this.#followPerson(item)
    if (!complete) this.#missed()
  }

  // The person went to another branch in another tab.
  /** @param {Conversation} conversation */
  #followPerson({ current_message }) {
    const current = current_message && this.store.instead(current_message)
    if (!current || this.choosing || this.store.isShown(current) || this.store.path().at(-1)?.sending) return
    this.goTo(current).catch(() => {})
  }

  /** @param {Message} message */
  #put(message) {
    const before = this.store.get(message.id)
    if (!this.store.put(message)) return
    if (!before) this.#follow(message)
    this.#tellProgress(before, message)
  }

  // A new message below what is on screen is shown; so is a new version of a turn on screen.
  /** @param {Message} message */
  #follow({ id, parent }) {
    if (this.state !== "ready") return
    if (parent === null || this.store.isShown(parent)) this.store.head = this.store.leafOf(id)
  }

  /** @param {Message | undefined} before @param {Message} after */
  #tellProgress(before, after) {
    if (after.role !== "assistant" || this.state !== "ready") return
    if ((!before || before.sending) && isLive(after.status)) this.#tell("started", { id: after.id })
    if (before && isLive(before.status) && !isLive(after.status)) this.#tell("finished", { id: after.id })
  }

  /** @param {Frame} frame */
  #grow({ message: id, offset = 0, text = "" }) {
    const growth = this.store.grow(id, offset, text)
    if (growth === "unknown" || growth === "other") this.#missed()
    if (growth === "unknown") return
    this.#watch.heard(id)
    if (growth === "gap" || growth === "other") this.#watch.missing(id)
    if (growth === "grown") this.#tell("grew", { id })
  }

  #missed() {
    if (this.state === "ready" && this.conversation) this.#catchUp.need().catch(() => {})
  }

  async #askForChanges() {
    /** @type {Changes} */
    const changes = await this.#api.get(`conversations/${this.id}/changes${query({ since: this.store.version })}`)
    this.take(changes.messages)
    this.store.version = Math.max(this.store.version, changes.version)
    if (changes.conversation) this.takeConversation(changes.conversation)
    if (changes.conversation && !changes.more) this.#followPerson(changes.conversation)
    return changes.more
  }

  #syncLive() {
    for (const { id } of this.store.live()) this.#watch.question(id)
  }

  /** @param {Id} id of an answer */
  #sync(id) {
    this.#socket.send({ type: "completion.sync", message: id, offset: this.store.wantedFrom(id) })
  }

  /** @param {Id | null} id */
  #stand(id) {
    this.store.head = id
    this.#tell("changed")
  }

  /** @param {string} type @param {object} [detail] */
  #tell(type, detail) {
    if (!this.#closed) this.dispatchEvent(new CustomEvent(type, { detail }))
  }
}
