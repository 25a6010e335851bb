// One message: what was said, by whom, how it ended, and what can be done with it.

import { emit, find, isTouch, setIcon, setText } from "lib/dom.js"
import { copyText } from "lib/clipboard.js"
import { isLive, isWaiting } from "models/status.js"
import { leftOut, limitedBy, readoutOf } from "models/turn-view.js"
import { drawMarked } from "elements/marked-text.js"
import { mayBeTakenBack, showFoot, showHead, showNotice } from "elements/turn-parts.js"

const COPIED_FOR = 1600
const FOLD_FROM = { characters: 2400, lines: 24 }

/** @typedef {import("elements/turn-parts.js").Surroundings} Surroundings */

class ChatTurn extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Message | null} */
  #message = null
  /** @type {Surroundings | null} */
  #around = null
  #unfolded = false

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
    this.addEventListener("edit.ended", (event) => this.#edited(/** @type {CustomEvent} */ (event).detail.text), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  get #isAnswer() {
    return this.#message?.role === "assistant"
  }

  get #isLive() {
    return Boolean(this.#message && this.#isAnswer && isLive(this.#message.status))
  }

  /** @param {Message} message @param {Surroundings} around */
  show(message, around) {
    if (message === this.#message && sameAround(around, this.#around)) return
    this.#keepHeight(message, around.isLast)
    this.#message = message
    this.#around = around
    this.dataset.message = message.id
    this.toggleAttribute("data-deleted", Boolean(message.deleted_at))
    this.dataset.sending = message.sending ?? ""
    showHead(this, message, around)
    if (this.#isAnswer) this.#showAnswer(message)
    else this.#showQuestion(message)
    showNotice(this, message, around)
    showFoot(this, message, around)
  }

  // An answer that goes on loses its notice: the room of that is kept for the text to come, so that nothing jumps.
  /** @param {Message} message @param {boolean} isLast */
  #keepHeight({ completion }, isLast) {
    const continues = completion?.continues
    if (continues && continues === this.#message?.id) this.style.minBlockSize = `${this.offsetHeight}px`
    else if (!continues || !isLast) this.style.minBlockSize = ""
  }

  /** The text of a running answer. @param {Message} message */
  grow(message) {
    this.#message = message
    find(this, "[data-waiting]").hidden = true
    find(this, "[data-text]").show(message.content, { final: false })
  }

  /** The model asked for patience. @param {number} seconds */
  wait(seconds) {
    find(this, "[data-waiting]").hidden = false
    setText(find(this, "[data-waiting] span"), `The model is busy. Trying again in ${Math.max(1, Math.round(seconds))} s.`)
  }

  edit() {
    if (!this.#message || this.querySelector("turn-editor")) return
    const editor = /** @type {HTMLTemplateElement} */ (document.getElementById("turn-editor")).content.cloneNode(true)
    find(this, "[data-body]").hidden = true
    find(this, ".turn-foot").hidden = true
    find(this, "[data-body]").after(editor)
    find(this, "turn-editor").begin(this.#message)
  }

  /** @param {Message} message */
  #showQuestion(message) {
    const folds = !this.#unfolded && isLong(message.content)
    find(this, "[data-unfold]").hidden = !folds
    const text = message.deleted_at ? "This message was deleted." : folds ? folded(message.content) : message.content
    drawMarked(find(this, "[data-text]"), text, /** @type {Surroundings} */ (this.#around).team)
  }

  /** @param {Message} message */
  #showAnswer(message) {
    const live = this.#isLive
    this.setAttribute("aria-busy", String(live))
    find(this, ".mark").toggleAttribute("data-live", live && !isWaiting(message))
    this.#showWaiting(message)
    this.#showAside("[data-left-out]", leftOut(message))
    this.#showAside("[data-limited]", limitedBy(message))
    this.#showThoughts(message.completion?.reasoning ?? "")
    find(this, "[data-text]").show(message.deleted_at ? "*This answer was deleted.*" : message.content, { final: !live })
    this.#showReadout(live ? "" : readoutOf(message))
  }

  // Somebody asked before: the answer begins by itself when theirs has ended.
  /** @param {Message} message */
  #showWaiting(message) {
    const { team } = /** @type {Surroundings} */ (this.#around)
    this.toggleAttribute("data-waits", isWaiting(message))
    find(this, "[data-waiting]").hidden = !isWaiting(message)
    find(this, '[data-act="take-back"]').hidden = !mayBeTakenBack(message, team)
    if (isWaiting(message)) setText(find(this, "[data-waiting] span"), "Waits for the answer above.")
  }

  /** @param {string} words */
  #showReadout(words) {
    find(this, "[data-readout]").hidden = !words
    setText(find(this, "[data-figures]"), words)
  }

  /** @param {string} selector @param {string} words */
  #showAside(selector, words) {
    find(this, selector).hidden = !words
    setText(find(this, `${selector} span`), words)
  }

  /** @param {string} reasoning */
  #showThoughts(reasoning) {
    find(this, "[data-thoughts]").hidden = !reasoning
    setText(find(this, "[data-thoughts] div"), reasoning)
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-act], [data-unfold]"))
    if (!button || !this.#message) return
    if (button.matches("[data-unfold]")) this.#unfold()
    else this.#act(button.dataset.act ?? "", button)
    if (button.matches("[data-main]") && !isTouch()) emit(this, "composer.focused")
  }

  /** @param {string} action @param {HTMLElement} button */
  #act(action, button) {
    const { id } = /** @type {Message} */ (this.#message)
    if (action === "copy") this.#copy(button)
    if (action === "edit") this.edit()
    if (action === "delete") emit(this, "turn.deletion", { id })
    if (action === "again") emit(this, "answer.again", { id })
    if (action === "retry") emit(this, "turn.retried", { id })
    if (action === "stop") emit(this, "answer.stopped", { id })
    if (action === "take-back") emit(this, "answer.taken-back", { id })
    if (action === "continue") emit(this, "answer.continued", { id })
    if (action === "previous") this.#choose(-1)
    if (action === "next") this.#choose(1)
  }

  /** @param {number} step */
  #choose(step) {
    const { versions } = /** @type {Surroundings} */ (this.#around)
    const id = versions[versions.indexOf(/** @type {Message} */ (this.#message).id) + step]
    if (id) emit(this, "version.chosen", { id })
  }

  /** @param {HTMLElement} button */
  async #copy(button) {
    const copied = await copyText(/** @type {Message} */ (this.#message).content)
    emit(this, "status.said", { text: copied ? "Copied." : "Copying was not possible." })
    setIcon(find(button, ".icon"), copied ? "check" : "x")
    setTimeout(() => setIcon(find(button, ".icon"), "copy"), COPIED_FOR)
  }

  #unfold() {
    this.#unfolded = true
    this.#showQuestion(/** @type {Message} */ (this.#message))
  }

  /** @param {string | null} text null: nothing is changed */
  #edited(text) {
    find(this, "turn-editor").remove()
    find(this, "[data-body]").hidden = false
    find(this, ".turn-foot").hidden = false
    if (text !== null) emit(this, "turn.edited", { id: this.#message?.id, text })
    else find(this, '[data-act="edit"]').focus()
  }
}

/** @param {Surroundings} one @param {Surroundings | null} other */
function sameAround(one, other) {
  return other !== null && one.team === other.team && one.asker?.id === other.asker?.id && one.isBusy === other.isBusy && one.isLast === other.isLast && one.versions.join() === other.versions.join()
}

/** @param {string} text */
function isLong(text) {
  return text.length > FOLD_FROM.characters || text.split("\n", FOLD_FROM.lines + 1).length > FOLD_FROM.lines
}

/** @param {string} text */
function folded(text) {
  return `${text.slice(0, FOLD_FROM.characters).split("\n").slice(0, FOLD_FROM.lines / 2).join("\n")} …`
}

customElements.define("chat-turn", ChatTurn)
