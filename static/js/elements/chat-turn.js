// One message: what was said, by whom, how it ended, and what can be done with it.

import { emit, find, isTouch, setIcon, setText } from "lib/dom.js"
import { copyText } from "lib/clipboard.js"
import { initials } from "lib/figures.js"
import { clockTime, fullTime } from "lib/time.js"
import { isLive } from "models/status.js"
import { headingOf, leftOut, limitedBy, modelName, noticeOf, readoutOf } from "models/turn-view.js"

const COPIED_FOR = 1600
const FOLD_FROM = { characters: 2400, lines: 24 }

const MAIN = { continue: { icon: "play", words: "Continue" }, retry: { icon: "refresh-cw", words: "Retry" } }

/** @typedef {{page: Page, versions: Id[], isBusy: boolean, isLast: boolean}} Surroundings */

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
    this.#showHead(message, around.page)
    if (this.#isAnswer) this.#showAnswer(message)
    else this.#showQuestion(message)
    this.#showNotice(message, around.isLast)
    this.#showFoot(message, around)
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

  /** @param {Message} message @param {Page} page */
  #showHead(message, page) {
    const mine = message.author?.id === page.me.id
    const made = new Date(message.created_at)
    setText(find(this, "[data-heading]"), headingOf(message, page.me.id))
    setText(find(this, "[data-name]"), this.#isAnswer ? "Gemini" : (message.author?.name ?? "Somebody who left"))
    const time = find(this, "[data-time]")
    setText(time, this.#isLive ? "now" : clockTime(made))
    Object.assign(time, { dateTime: message.created_at, title: fullTime(made) })
    if (this.#isAnswer) setText(find(this, "[data-model]"), modelName(message.completion?.model || message.model, page.models.items))
    else this.#showAuthor(message, mine)
  }

  /** @param {Message} message @param {boolean} mine */
  #showAuthor(message, mine) {
    find(this, "[data-you]").hidden = !mine
    setText(find(this, "[data-avatar]"), initials(message.author?.name ?? ""))
  }

  /** @param {Message} message */
  #showQuestion(message) {
    const folds = !this.#unfolded && isLong(message.content)
    find(this, "[data-unfold]").hidden = !folds
    setText(find(this, "[data-text]"), message.deleted_at ? "This message was deleted." : folds ? folded(message.content) : message.content)
  }

  /** @param {Message} message */
  #showAnswer(message) {
    const live = this.#isLive
    this.setAttribute("aria-busy", String(live))
    find(this, ".mark").toggleAttribute("data-live", live)
    find(this, "[data-waiting]").hidden = true
    this.#showAside("[data-left-out]", leftOut(message))
    this.#showAside("[data-limited]", limitedBy(message))
    this.#showThoughts(message.completion?.reasoning ?? "")
    find(this, "[data-text]").show(message.deleted_at ? "*This answer was deleted.*" : message.content, { final: !live })
    this.#showReadout(live ? "" : readoutOf(message))
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

  /** @param {Message} message @param {boolean} isLast */
  #showNotice(message, isLast) {
    const box = find(this, "[data-notice]")
    const notice = noticeOf(message)
    box.hidden = !notice
    if (!notice) return
    box.dataset.tone = notice.tone
    setIcon(find(box, ".icon"), notice.icon)
    setText(find(box, "[data-title]"), notice.title)
    setText(find(box, "[data-words]"), notice.words)
    find(box, "[data-more]").hidden = !notice.details
    setText(find(box, "[data-details]"), notice.details)
    this.#showMain(find(box, "[data-main]"), notice.action ?? "retry", isLast)
  }

  /** @param {HTMLButtonElement} button @param {"continue" | "retry"} action @param {boolean} isLast */
  #showMain(button, action, isLast) {
    button.dataset.act = action
    button.classList.toggle("primary", isLast)
    setIcon(find(button, ".icon"), MAIN[action].icon)
    setText(find(button, "span"), MAIN[action].words)
  }

  // While an answer is written nothing may be asked beside it; what only reads stays.
  /** @param {Message} message @param {Surroundings} around */
  #showFoot(message, { versions, isBusy }) {
    const gone = Boolean(message.deleted_at)
    const isPending = message.sending === "pending"
    this.#showBranch(message, versions, isBusy)
    find(this, '[data-act="copy"]').hidden = gone || !message.content
    for (const action of this.#actions('[data-act="again"], [data-again-with]')) action.hidden = gone || Boolean(message.sending) || this.#isLive
    for (const action of this.#actions('[data-act="edit"], [data-act="delete"]')) action.hidden = gone || isPending || this.#isLive
    for (const action of this.#actions('[data-act="again"], [data-again-with], [data-act="edit"], [data-main]')) action.disabled = isBusy
  }

  /** @param {string} selector @returns {NodeListOf<HTMLButtonElement>} */
  #actions(selector) {
    return this.querySelectorAll(selector)
  }

  /** @param {Message} message @param {Id[]} versions @param {boolean} isBusy */
  #showBranch({ id }, versions, isBusy) {
    const at = versions.indexOf(id)
    find(this, "[data-branch]").hidden = versions.length < 2 || at < 0
    setText(find(this, "[data-place]"), `${at + 1} / ${versions.length}`)
    find(this, '[data-act="previous"]').disabled = at <= 0 || isBusy
    find(this, '[data-act="next"]').disabled = at >= versions.length - 1 || isBusy
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
  return other !== null && one.isBusy === other.isBusy && one.isLast === other.isLast && one.versions.join() === other.versions.join()
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
