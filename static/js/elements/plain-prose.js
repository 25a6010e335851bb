// Stand-in until elements/answer-prose.js is here.
class PlainProse extends HTMLElement {
  text = ""
  /** @param {string} text */
  show(text) {
    this.text = text
    this.textContent = text
  }
}
customElements.define("answer-prose", PlainProse)
