// Exactly what a link would show, with what one may not want to show named, before the link exists.

import { ApiError } from "lib/api.js"
import { emit, find, fromTemplate, setText } from "lib/dom.js"
import { counted } from "lib/figures.js"
import { initials } from "lib/people.js"
import { clockTime } from "lib/time.js"
import { findingLines, findingsHead } from "models/share-words.js"

/** @typedef {import("models/share-links.js").SharePreview} Preview */

class SharePreviewPart extends HTMLElement {
  #leaving = new AbortController()
  /** @type {ShareLook | null} what is looked at, and of which conversation */
  #look = null

  connectedCallback() {
    const { signal } = (this.#leaving = new AbortController())
    document.addEventListener("share.opened", () => (this.#look = null), { signal })
    document.addEventListener("share.previewed", ({ detail }) => this.#show(detail), { signal })
    document.addEventListener("share.agreed", () => this.#create(), { signal })
    this.addEventListener("click", (event) => this.#clicked(event), { signal })
  }

  disconnectedCallback() {
    this.#leaving.abort()
  }

  /** @param {ShareLook} look */
  #show(look) {
    const { preview, sentence } = (this.#look = look)
    setText(find(this, "[data-sentence]"), sentence)
    setText(find(this, "[data-title]"), preview.title)
    setText(find(this, "[data-counts]"), `${counted(preview.messages.length, "message")} · ${counted(preview.people, "person", "people")}`)
    this.#showFindings(preview)
    find(this, "[data-messages]").replaceChildren(...preview.messages.map(previewTurn))
    find(this, "[data-pane]").scrollTop = 0
  }

  /** @param {Preview} preview */
  #showFindings({ findings, more }) {
    const lines = findingLines(findings)
    find(this, "[data-findings]").hidden = !lines.length && !more
    find(this, "[data-clean]").hidden = Boolean(lines.length) || more
    setText(find(this, "[data-findings-head]"), findingsHead(lines.length, more))
    find(this, "[data-findings] ul").replaceChildren(...lines.map(findingLine))
  }

  /** @param {Event} event */
  #clicked({ target }) {
    const { message } = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-finding]"))?.dataset ?? {}
    const place = message === "" ? ".preview-title" : message && `article[data-message="${CSS.escape(message)}"]`
    const turn = /** @type {HTMLElement | null} */ (place && this.querySelector(place))
    turn?.scrollIntoView({ block: "start" })
    turn?.focus({ preventScroll: true })
  }

  async #create() {
    const look = this.#look
    if (!look) return
    const { links, body, preview } = look
    try {
      const share = await links.create({ ...body(), digest: preview.digest })
      emit(this, "share.made", { share, links })
    } catch (error) {
      if (error instanceof ApiError && error.code === "preview_outdated") await this.#lookAgain(look, error.detail)
      else emit(this, "share.refused", { error, links })
    }
  }

  // What is shown now goes out only if it is looked at, too.
  /** @param {ShareLook} look @param {string} outdated */
  async #lookAgain(look, outdated) {
    try {
      const preview = await look.links.preview(look.body())
      emit(this, "share.previewed", { ...look, preview, outdated })
    } catch (error) {
      emit(this, "share.refused", { error, links: look.links })
    }
  }
}

/** @param {{words: string, message: Id | null}} line */
function findingLine({ words, message }) {
  const item = fromTemplate("share-finding")
  setText(find(item, "button"), words)
  find(item, "button").dataset.message = message ?? ""
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
