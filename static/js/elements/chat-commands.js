// What a person asks for, done: every event that means "do this" to the conversation on screen or to one in the list.

import { problemOf } from "lib/api.js"
import { copyText } from "lib/clipboard.js"
import { emit } from "lib/dom.js"
import { storage } from "lib/storage.js"
import { lastCodeBlock } from "models/code-blocks.js"
import { asksModel } from "models/mentions.js"
import { titleOf } from "models/titles.js"
import { wordsOf } from "models/turn-view.js"

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */
/** @typedef {import("models/conversation-writer.js").ConversationWriter} Writer */

class ChatCommands extends HTMLElement {
  #leaving = new AbortController()
  /** @type {any} */
  #list
  /** @type {import("lib/api.js").Api | undefined} */
  #api
  /** @type {any} */
  #session
  /** @type {any} */
  #writer

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("chats.given", ({ detail }) => this.#know(detail), { signal })
    document.addEventListener("session.changed", ({ detail }) => this.#turnTo(detail), { signal })
    for (const [type, work] of Object.entries(this.#commands)) {
      document.addEventListener(type, (event) => this.#try(() => work(/** @type {CustomEvent} */ (event).detail, event)), { signal })
    }
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @type {Record<string, (detail: any, event: Event) => any>} */
  #commands = {
    "chat.asked": ({ text, reply }) => this.#writer.send(text, reply),
    "answer.stopped": (detail, event) => this.#stop(event, detail),
    "answer.again": ({ id, model }) => this.#writer.answerAgain(this.#message(id).parent, model),
    "answer.taken-back": ({ id }) => this.#takeBack(id),
    "answer.continued": ({ id }) => this.#goOn(id),
    "answer.copied": () => this.#copy(this.#lastAnswer()?.content, "The last answer is copied."),
    "code.copied": () => this.#copy(lastCodeBlock(this.#session.turns()), "The last code block is copied."),
    "turn.retried": ({ id }) => this.#retry(this.#message(id)),
    "turn.edited": ({ id, text }) => this.#edit(this.#message(id), text),
    "turn.deletion": ({ id }) => this.#askToDelete(this.#message(id)),
    "version.chosen": ({ id }) => this.#writer.choose(id),
    "model.chosen": ({ model }) => this.#chooseModel(model),
    "settings.changed": (detail) => this.#changeSettings(detail),
    "conversation.changed": ({ id, fields }) => this.#change(id, fields),
    "conversation.deletion": ({ conversation }) => this.#askToDeleteChat(conversation),
  }

  /** @param {{list: any, api: import("lib/api.js").Api}} given */
  #know({ list, api }) {
    this.#list = list
    this.#api = api
  }

  /** @param {{session: Session, writer: Writer}} opened */
  #turnTo({ session, writer }) {
    this.#session = session
    this.#writer = writer
  }

  // What fails outside of a turn is said in a few words; failed sends and answers say it in their own place.
  /** @param {() => any} work */
  async #try(work) {
    try {
      await work()
    } catch (error) {
      emit(this, "toast.shown", { text: problemOf(error).detail, tone: "bad" })
    }
  }

  /** @param {Id} id @returns {Message} */
  #message(id) {
    return this.#session.store.get(id)
  }

  /** @returns {Message | undefined} */
  #lastAnswer() {
    return this.#session.turns().findLast((/** @type {Message} */ message) => message.role === "assistant" && message.content)
  }

  // Escape and the message box stop what the person asked for; the button in a turn names its own answer.
  /** @param {Event} event @param {{id?: Id} | null} detail */
  #stop(event, detail) {
    const id = detail?.id ?? this.#session?.stoppable?.id
    if (!id) return undefined
    event.preventDefault()
    return this.#writer.stop(id)
  }

  // The text is not lost with the question: it can be said again.
  /** @param {Id} id */
  async #takeBack(id) {
    const conversation = this.#session.id
    const text = await this.#writer.takeBack(id)
    if (text) emit(this, "composer.filled", { text, conversation })
  }

  /** @param {Id} id */
  async #goOn(id) {
    const problem = await this.#writer.goOn(id)
    if (problem) emit(this, "status.said", { text: wordsOf(problem) })
  }

  /** @param {Message} message */
  #retry(message) {
    if (message.sending && message.role === "user") return this.#writer.resend(message.id)
    return message.sending ? this.#writer.askAgain(message.id) : this.#writer.answerAgain(message.parent)
  }

  /** @param {Message} message @param {string} text */
  #edit(message, text) {
    if (message.sending) this.#writer.discard(message.id)
    const reply = asksModel(this.#session.conversation?.answering, text) || this.#session.store.hasAnswer(message.id)
    return message.trailing ? this.#writer.send(text, reply) : this.#writer.sendBeside(text, message.parent, reply)
  }

  /** @param {Message} message */
  #askToDelete(message) {
    const what = message.role === "assistant" ? "answer" : "message"
    const agreed = () => this.#try(() => (message.sending ? this.#writer.discard(message.id) : this.#writer.remove(message.id)))
    emit(this, "confirm.asked", { title: `Delete this ${what}?`, words: "Its text goes for good; the rest of the chat stays.", action: `Delete ${what}`, agreed })
  }

  /** @param {string} model */
  async #chooseModel(model) {
    storage.setItem("model", model)
    await this.#writer.change({ model })
    emit(this, "model.changed")
  }

  /** @param {{fields: Partial<Conversation>, done: () => void, failed: (error: unknown) => void}} change */
  async #changeSettings({ fields, done, failed }) {
    try {
      await this.#writer.change(fields)
      done()
    } catch (error) {
      failed(error)
    }
  }

  /** @param {Id} id @param {Partial<Conversation>} fields */
  async #change(id, fields) {
    const before = this.#list.get(id) ?? this.#session.conversation
    this.#show({ ...before, ...fields })
    try {
      this.#show(await this.#api?.patch(`conversations/${id}`, fields))
    } catch (error) {
      this.#show(before)
      throw error
    }
    if (fields.archived !== undefined) emit(this, "toast.shown", { text: fields.archived ? "Archived." : "Taken out of the archive." })
  }

  // In the list and in the top bar at once, whatever the network says later.
  /** @param {Conversation} conversation */
  #show(conversation) {
    this.#list.put(conversation)
    if (this.#session.id === conversation.id) this.#session.takeConversation(conversation)
  }

  /** @param {Conversation} conversation */
  #askToDeleteChat(conversation) {
    const agreed = () => this.#try(() => this.#delete(conversation.id))
    emit(this, "confirm.asked", { title: `Delete “${titleOf(conversation)}”?`, words: "The chat and all its messages go for good. This cannot be undone.", action: "Delete chat", agreed })
  }

  /** @param {Id} id */
  async #delete(id) {
    await this.#api?.delete(`conversations/${id}`).catch(unlessGone)
    this.#list.remove(id)
    emit(this, "conversation.gone", { id })
  }

  /** @param {string | null | undefined} text @param {string} words */
  async #copy(text, words) {
    const copied = text ? await copyText(text) : false
    emit(this, "toast.shown", copied ? { text: words } : { text: "There is nothing to copy.", tone: "warn" })
  }
}

/** A repeat of a delete that had worked finds nothing: that is what was wanted. @param {any} error */
function unlessGone(error) {
  if (error.status !== 404) throw error
}

customElements.define("chat-commands", ChatCommands)
