// The conversation on screen: reads it, follows it over the socket, and asks again for whatever was missed.
// It listens first and asks second; rows and events may then come in any order.

import { ApiError, problemOf, query } from "lib/api.js"
import { BranchPages } from "models/branch-pages.js"
import { CatchUp } from "models/catch-up.js"
import { ConversationStore } from "models/conversation-store.js"
import { takesAlong } from "models/following.js"
import { LiveAnswers } from "models/live-answers.js"
import { turnsOf } from "models/local-rows.js"
import { Members } from "models/members.js"
import { merged } from "models/own-fields.js"
import { isLive, isWaiting } from "models/status.js"

/**
 * Events: "changed" (turns, fields or people), "grew" {id}, "started" {id}, "finished" {id}, "waiting" {id, seconds}, "began",
 * "arrived" {message}: somebody said something while this was open.
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
  #members
  #pages
  #catchUp
  #live

  /**
   * @param {Id | null} id null: a chat that does not exist yet
   * @param {{api: import("lib/api.js").Api, socket: import("lib/socket.js").LiveSocket, settings: ChatSettings, me: import("models/team.js").Me, now?: () => number, wait?: (ms: number) => Promise<void>}} edges
   */
  constructor(id, { api, socket, settings, me, now, wait }) {
    super()
    this.id = id
    this.me = me
    this.settings = settings
    this.#api = api
    this.#socket = socket
    this.#members = new Members(api, me)
    this.#members.addEventListener("changed", () => this.#tell("changed"))
    this.#pages = new BranchPages(api, this.store)
    this.#catchUp = new CatchUp(() => this.#askForChanges(), wait)
    this.#live = new LiveAnswers(this.store, { socket, missed: () => this.#missed(), now })
  }

  get team() {
    return this.#members.team
  }

  get isBusy() {
    const last = this.turns().at(-1)
    return Boolean(last && last.role === "assistant" && isLive(last.status))
  }

  /** The answer that Escape and the message box stop: one's own. Others' have a button of their own. @returns {Message | undefined} */
  get stoppable() {
    return this.turns().find((message) => !isWaiting(message) && this.team.mayStop(message) && this.team.caused(message))
  }

  get hasOlder() {
    return this.#pages.hasOlder
  }

  /** Its own settings, or those it will begin with. @returns {ChatSettings} */
  get chosen() {
    return this.conversation ?? this.settings
  }

  /** @returns {Message[]} the branch on screen and what is on its way to its end, with a row for every answer that was asked for */
  turns() {
    return turnsOf([...this.store.path(), ...this.store.trail()], this.asking)
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
    if (!this.store.get(id) || !this.#pages.isWhole(id)) await this.#pages.readTo(/** @type {Id} */ (this.id), id)
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
    this.#live.sync()
    await this.#catchUp.need().catch(() => {})
    this.#live.sync()
  }

  /** Call it about once a second. */
  tick() {
    if (!this.#closed) this.#live.tick()
  }

  /** @param {Frame} frame */
  hear(frame) {
    if (this.#closed) return
    if (frame.type === "completion.delta") this.#live.grow(frame) && this.#tell("grew", { id: frame.message })
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
    this.conversation = merged(this.conversation, this.#whereTheyStand(conversation))
    this.#members.take(this.conversation)
    this.#tell("changed")
  }

  // Who stands at a message cannot be moved by what was on its way before that was said.
  /** @param {Conversation} conversation @returns {Conversation} */
  #whereTheyStand(conversation) {
    const current_message = this.conversation?.current_message
    const said = current_message && this.store.get(current_message)?.position
    return said && said > conversation.version ? { ...conversation, current_message } : conversation
  }

  /** Show a message that the server does not have yet. @param {Message} message */
  showLocal(message) {
    this.store.put(message)
    this.#stand(message.trailing ? this.store.head : message.id)
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
    this.takeConversation(conversation)
    this.state = "ready"
    this.store.version = Math.max(this.store.version, conversation.version)
    this.listen()
    this.#tell("began")
  }

  /** @param {Conversation} conversation @param {Listing<Message>} page */
  #show(conversation, page) {
    this.problem = null
    this.takeConversation(conversation)
    this.state = "ready"
    const head = page.items[0]?.id ?? null
    this.store.version = Math.max(this.store.version, ...page.items.map(({ version }) => version), page.items.length ? 0 : conversation.version)
    this.#pages.take(page)
    this.#stand(head && this.store.leafOf(head))
    this.#live.sync()
    if (this.#healsLater || conversation.version > this.store.version) this.heal()
  }

  /** @param {unknown} error */
  #cannotShow(error) {
    const missing = error instanceof ApiError && error.status === 404
    this.refuse(missing ? { code: "not_found", detail: error.detail } : problemOf(error))
  }

  /** There is nothing to show, and this is why. @param {Problem} problem */
  refuse(problem) {
    this.state = "ready"
    this.problem = problem
    this.#tell("changed")
  }

  /** @param {Frame} frame */
  #hearFact({ type, message, version, item, member }) {
    const complete = version === undefined || this.store.advance(version)
    if (message && typeof message === "object") this.take([message])
    else if (type === "conversation.updated" && item) this.#takeAndFollow(item)
    else if (type.startsWith("member.") && member) this.#members.hear(type, member)
    if (!complete) this.#missed()
  }

  // The person went to another branch in another tab.
  /** @param {Conversation} conversation */
  #takeAndFollow(conversation) {
    const before = this.conversation?.current_message
    this.takeConversation(conversation)
    const current_message = this.conversation?.current_message
    const current = current_message && current_message !== before && this.store.instead(current_message)
    if (!current || this.choosing || this.store.isShown(current) || this.store.path().at(-1)?.sending) return
    this.goTo(current).catch(() => {})
  }

  /** @param {Message} message */
  #put(message) {
    const before = this.store.get(message.id)
    if (!this.store.put(message)) return
    if (!before || before.trailing) this.#follow(message)
    if (!before && this.state === "ready") this.#tell("arrived", { message })
    this.#tellProgress(before, message)
  }

  // What others say below what is on screen is followed; so is whatever the person did, here or in another tab.
  /** @param {Message} message */
  #follow(message) {
    if (this.state !== "ready") return
    const isOwn = this.team.caused(message)
    if (takesAlong(this.store.path(), message, isOwn)) this.store.head = this.store.leafOf(message.id)
    if (isOwn && this.conversation) this.conversation = { ...this.conversation, current_message: message.id }
  }

  /** @param {Message | undefined} before @param {Message} after */
  #tellProgress(before, after) {
    if (after.role !== "assistant" || this.state !== "ready") return
    if ((!before || before.sending) && isLive(after.status)) this.#tell("started", { id: after.id })
    if (before && isLive(before.status) && !isLive(after.status)) this.#tell("finished", { id: after.id })
  }

  #missed() {
    if (this.conversation) this.#catchUp.need().catch(() => {})
  }

  async #askForChanges() {
    /** @type {Changes} */
    const changes = await this.#api.get(`conversations/${this.id}/changes${query({ since: this.store.version })}`)
    this.take(changes.messages)
    this.store.version = Math.max(this.store.version, changes.version)
    if (changes.conversation) this.#takeAndFollow(changes.conversation)
    if (this.team.isShared && !changes.more) this.#members.read()
    return changes.more
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
