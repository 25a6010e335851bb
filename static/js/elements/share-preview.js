// Exactly what a link would show, with what one may not want to show named, before the link exists.

import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { initials } from "lib/people.js"
import { clockTime } from "lib/time.js"
import { findingLines } from "models/share-words.js"

/** @typedef {import("models/share-links.js").ShareLinks} Links */
/** @typedef {import("models/share-links.js").SharePreview} Preview */

class SharePreviewPart extends HTMLElement {
  #leaving = new AbortController()
  /** @type {Links | null} */
  #links = null
  /** @type {() => object} the body of the POST, as it is at that moment */
  #body = () => ({})

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("share.opened", ({ detail }) => (this.#links = detail.links), { signal })
    document.addEventListener("share.previewed", ({ detail }) => this.#show(detail), { signal })
    document.addEventListener("share.agreed", () => this.#create(), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {{preview: Preview, sentence: string, body: () => object}} detail */
  #show({ preview, sentence, body }) {
    this.#body = body
    setText(find(this, "[data-sentence]"), sentence)
    setText(find(this, "[data-title]"), preview.title)
    setText(find(this, "[data-counts]"), `${counted(preview.messages.length, "message")} · ${counted(preview.people, "person", "people")}`)
    this.#showFindings(preview.findings)
    find(this, "[data-messages]").replaceChildren(...preview.messages.map(previewTurn))
    find(this, "[data-pane]").scrollTop = 0
  }

  /** @param {Finding[]} findings */
  #showFindings(findings) {
    const lines = findingLines(findings)
    find(this, "[data-findings]").hidden = !lines.length
    find(this, "[data-clean]").hidden = Boolean(lines.length)
    setText(find(this, "[data-findings-head]"), `Look at ${lines.length === 1 ? "this" : `these ${lines.length}`} before you share:`)
    find(this, "[data-findings] ul").replaceChildren(...lines.map(findingLine))
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const { message } = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-finding]"))?.dataset ?? {}
    const turn = /** @type {HTMLElement | null} */ (message && this.querySelector(`article[data-message="${CSS.escape(message)}"]`))
    turn?.scrollIntoView({ block: "start" })
    turn?.focus({ preventScroll: true })
  }

  async #create() {
    const links = this.#links
    if (!links) return
    try {
      const share = await links.create(this.#body())
      emit(this, "share.made", { share })
    } catch (error) {
      emit(this, "share.refused", { error })
    }
  }
}

/** @param {{words: string, message: Id}} line */
function findingLine({ words, message }) {
  const item = fromTemplate("share-finding")
  setText(find(item, "button"), words)
  find(item, "button").dataset.message = message
  return item
}

/** @param {PreviewedMessage} message */
function previewTurn(message) {
  const isAnswer = message.role === "assistant"
  const turn = fromTemplate(isAnswer ? "share-answer" : "share-question")
  turn.dataset.message = message.message
  turn.tabIndex = -1
  setText(find(turn, "[data-name]"), message.name)
  setText(find(turn, "time"), clockTime(new Date(message.created_at)))
  if (isAnswer) find(turn, "answer-prose").show(message.content)
  else fillQuestion(turn, message)
  return turn
}

/** @param {HTMLElement} turn @param {PreviewedMessage} message */
function fillQuestion(turn, { name, hue, content }) {
  const face = find(turn, "[data-face]")
  face.dataset.hue = String(hue)
  setText(face, initials(name))
  setText(find(turn, "[data-text]"), content)
}

customElements.define("share-preview", SharePreviewPart)
