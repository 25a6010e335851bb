// What a person does to the conversation on screen. Every send carries an id made here and is repeated with the same id;
// what was typed stays in the outbox until the server has it.

import { problemOf } from "lib/api.js"
import { uuid } from "lib/uuid.js"
import { patiently } from "models/budget-patience.js"
import { blank, continuation } from "models/local-rows.js"
import { isFresh } from "models/outbox.js"

/** @typedef {import("models/conversation-session.js").ConversationSession} ConversationSession */
/** @typedef {import("models/outbox.js").Parcel} Parcel */

/** Tells the session's listeners "refused" {problem, text}: the budget does not allow it; text goes back to the message box. */
export class ConversationWriter {
  #session
  #api
  #outbox
  #now
  #wait
  /** What was typed into the message box, and not beside an earlier message. @type {Set<Id>} */
  #typed = new Set()
  /** The answers that go on from others, until the server has them. @type {Map<Id, Id>} */
  #continuations = new Map()
  /** What is being delivered. @type {Promise<void>} */
  #line = Promise.resolve()

  /** @param {ConversationSession} session @param {{api: import("lib/api.js").Api, outbox: import("models/outbox.js").Outbox, now?: () => number, wait?: (ms: number) => Promise<void>}} edges */
  constructor(session, { api, outbox, now = Date.now, wait }) {
    this.#session = session
    this.#api = api
    this.#outbox = outbox
    this.#now = now
    this.#wait = wait
  }

  /** Say something at the end of the branch on screen, whoever else says something there now. @param {string} content @param {boolean} [reply] whether the model is to answer */
  async send(content, reply = true) {
    const parcel = this.#pack(content, this.#lastOnServer(), { reply, at_end: true })
    this.#typed.add(parcel.id)
    await this.#dispatch(parcel)
  }

  /** Say something beside an earlier message: below the same parent. @param {string} content @param {Id | null} parent @param {boolean} [reply] */
  async sendBeside(content, parent, reply = true) {
    await this.#dispatch(this.#pack(content, parent, { reply, at_end: false }))
  }

  /** Send a failed message again, as it was. @param {Id} id */
  async resend(id) {
    const parcel = this.#outbox.get(id)
    if (!parcel) return
    this.#outbox.mark(id, null)
    this.#await(parcel)
    this.#session.patchLocal(id, { sending: "pending", problem: undefined })
    await this.#deliver(parcel)
  }

  /** Take a failed message back. @param {Id} id @returns {string} its text */
  discard(id) {
    const content = this.#outbox.get(id)?.content ?? ""
    this.#outbox.done(id)
    this.#session.dropLocal(id)
    return content
  }

  /** Take back all that could not be sent to this conversation. @returns {string[]} its texts, oldest first */
  discardAll() {
    return this.#outbox.of(this.#session.id).map(({ id }) => this.discard(id))
  }

  /** Show what an earlier page could not send; what was on its way a moment ago goes out again. */
  recover() {
    for (const parcel of this.#outbox.of(this.#session.id)) this.#recoverOne(parcel)
  }

  /** The connection is back: send what failed for want of one, or of a server that takes it. */
  async resendUnreached() {
    for (const parcel of this.#outbox.of(this.#session.id)) {
      if (PASSING.has(parcel.problem?.code ?? "") && this.#session.store.get(parcel.id)) await this.resend(parcel.id)
    }
  }

  /** Answer a question again, beside the answers that are there. @param {Id} question @param {string} [model] */
  async answerAgain(question, model) {
    const answer = this.#emptyAnswer(question, model)
    this.#session.showLocal(answer)
    await this.#ask(answer, model)
  }

  /** Ask again for an answer whose request failed. @param {Id} id */
  async askAgain(id) {
    const answer = this.#session.store.get(id)
    if (!answer) return
    this.#session.patchLocal(id, { sending: "pending", status: "queued", problem: undefined })
    await this.#ask(answer, answer.model ?? undefined)
  }

  /**
   * Have an answer that broke off go on: another one that begins with its text takes its place.
   * @param {Id} id @returns {Promise<Problem | undefined>} why not; then the old one is there again and says so
   */
  async goOn(id) {
    const next = this.#continuations.get(id) ?? uuid()
    const broken = this.#session.store.get(id)
    if (!broken || this.#session.store.get(next)) return undefined
    this.#continuations.set(id, next)
    this.#session.patchLocal(id, { problem: undefined })
    this.#session.showLocal(continuation(next, broken))
    return this.#askToGoOn(id, next)
  }

  /** @param {Id} id of an answer that is being written */
  async stop(id) {
    this.#session.take([await this.#api.post(`messages/${id}/stop`)])
  }

  /** An answer that waits its turn is given up with the question that asked for it. @param {Id} id of the answer @returns {Promise<string>} the question's text */
  async takeBack(id) {
    const { store } = this.#session
    const question = store.get(store.get(id)?.parent ?? "")
    if (!question) return ""
    await this.remove(question.id)
    return question.content
  }

  /** @param {Id} id */
  async remove(id) {
    this.#session.take([await this.#api.delete(`messages/${id}`)])
  }

  /** Stand at another version of a turn; the server remembers it. @param {Id} id */
  async choose(id) {
    const session = this.#session
    session.choosing++
    try {
      await session.goTo(id)
      if (!session.store.get(id)?.sending) await this.change({ current_message: id })
    } finally {
      session.choosing--
    }
  }

  /** Change the conversation, or what it will begin with. @param {Partial<Conversation>} fields */
  async change(fields) {
    const session = this.#session
    if (session.conversation) session.takeConversation(await this.#api.patch(`conversations/${session.id}`, fields))
    else Object.assign(session.settings, fields)
  }

  /** @param {Parcel} parcel */
  async #dispatch(parcel) {
    this.#outbox.keep(parcel)
    this.#await(parcel)
    this.#session.showLocal(this.#messageOf(parcel))
    await this.#deliver(parcel)
  }

  /** @param {Parcel} parcel */
  #await({ id, reply = true }) {
    if (reply) this.#session.asking.add(id)
  }

  // One after the other: what was said first arrives first.
  /** @param {Parcel} parcel */
  async #deliver(parcel) {
    this.#line = this.#line.then(() => this.#deliverNow(parcel))
    await this.#line
  }

  /** @param {Parcel} parcel */
  async #deliverNow(parcel) {
    try {
      if (parcel.opens && !this.#session.conversation) await this.#begin(parcel)
      const { id, parent, content, reply = true, at_end = false } = parcel
      const { message, answer } = await this.#post(`conversations/${parcel.conversation}/messages`, { id, parent, content, reply, at_end })
      this.#arrived(id, [message, answer])
    } catch (error) {
      this.#didNotArrive(parcel.id, problemOf(error))
    }
  }

  /** @param {string} path @param {object} body */
  #post(path, body) {
    return patiently(() => this.#api.post(path, body), this.#wait)
  }

  /** @param {Parcel} parcel */
  async #begin({ conversation: id, opens }) {
    const { model, system_prompt, parameters } = /** @type {ChatSettings} */ (opens)
    const conversation = await this.#api.post("conversations", { id, model, system_prompt, parameters })
    this.#outbox.opened(id)
    this.#session.began(conversation)
  }

  /** @param {Id} id @param {(Message | null)[]} rows */
  #arrived(id, rows) {
    this.#outbox.done(id)
    this.#session.asking.delete(id)
    this.#session.take(rows.filter((row) => row !== null))
  }

  // The socket may have brought the message although its answer over HTTP was lost: then it did arrive.
  /** @param {Id} id @param {Problem} problem */
  #didNotArrive(id, problem) {
    this.#session.asking.delete(id)
    if (!this.#session.store.get(id)?.sending) return this.#arrived(id, [])
    if (problem.refusal && this.#typed.has(id)) return this.#refused(problem, this.discard(id))
    this.#outbox.mark(id, problem)
    this.#session.patchLocal(id, { sending: "failed", problem })
    this.#refused(problem)
  }

  /** @param {Problem} problem @param {string} [text] */
  #refused(problem, text = "") {
    if (problem.refusal) this.#session.dispatchEvent(new CustomEvent("refused", { detail: { refusal: problem.refusal, text } }))
  }

  /** @param {Message} answer @param {string} [model] */
  async #ask({ id, parent }, model) {
    try {
      const { message } = await this.#post(`messages/${parent}/completions`, { id, ...(model && { model }) })
      this.#session.take([message])
    } catch (error) {
      const problem = problemOf(error)
      if (this.#session.store.get(id)?.sending) this.#session.patchLocal(id, { sending: "failed", status: "failed", problem })
      this.#refused(problem)
    }
  }

  /** @param {Id} id @param {Id} next */
  async #askToGoOn(id, next) {
    try {
      const { message } = await this.#post(`messages/${id}/completions`, { id: next, continue: true })
      this.#session.take([message])
      this.#continuations.delete(id)
    } catch (error) {
      return this.#stayAt(id, next, problemOf(error))
    }
    return undefined
  }

  // The socket may have brought the new answer although the request's own answer was lost.
  /** @param {Id} id @param {Id} next @param {Problem} problem */
  async #stayAt(id, next, problem) {
    const session = this.#session
    if (!session.store.get(next)?.sending) return undefined
    this.#refused(problem)
    const wasShown = session.store.isShown(next)
    session.patchLocal(id, { problem })
    session.dropLocal(next)
    if (wasShown) await session.goTo(id)
    return problem
  }

  /** @param {Parcel} parcel */
  #recoverOne(parcel) {
    const { store } = this.#session
    if (store.get(parcel.id)) return this.#outbox.done(parcel.id)
    if (parcel.opens) this.#session.id = parcel.conversation
    const fresh = isFresh(parcel, this.#now())
    const message = this.#messageOf(parcel, fresh ? "pending" : "failed")
    if (fresh) this.#await(parcel)
    store.put(message)
    if (parcel.parent === null || store.isShown(parcel.parent)) this.#session.showLocal(message)
    if (fresh) this.#deliver(parcel)
  }

  // What begins a new chat takes the place of the words about one that is closed to the person.
  /** @param {string} content @param {Id | null} parent @param {{reply: boolean, at_end: boolean}} how @returns {Parcel} */
  #pack(content, parent, how) {
    const session = this.#session
    if (!session.id) session.problem = null
    session.id ??= uuid()
    const opens = session.conversation ? null : { ...session.settings }
    return { id: uuid(), conversation: session.id, parent, content, opens, ...how, sentAt: this.#now(), problem: null }
  }

  /** @param {Parcel} parcel @param {"pending" | "failed"} [sending] @returns {Message} */
  #messageOf({ id, conversation, parent, content, at_end: trailing = false, sentAt, problem }, sending = "pending") {
    const sent = new Date(sentAt).toISOString()
    return { ...blank(id, conversation, parent, sent), role: "user", author: this.#session.me, content, status: "completed", sending, trailing, problem: problem ?? (sending === "failed" ? UNSURE : undefined) }
  }

  /** @param {Id} question @param {string} [model] @returns {Message} */
  #emptyAnswer(question, model) {
    const { id, chosen } = this.#session
    const now = new Date(this.#now()).toISOString()
    return { ...blank(uuid(), /** @type {Id} */ (id), question, now), model: model ?? chosen.model, sending: "pending" }
  }

  #lastOnServer() {
    return this.#session.store.path().findLast((message) => !message.sending)?.id ?? null
  }
}

const PASSING = new Set(["offline", "timeout", "shutting_down", "unavailable"])
const UNSURE = { code: "offline", detail: "The page was closed before it was sent." }
