// What a person wrote, as plain text, with the names in it marked.

import { markedParts } from "models/mentions.js"

/** @param {Element} place @param {string} text @param {import("models/team.js").Team} team */
export function drawMarked(place, text, { me, members }) {
  const parts = markedParts(text, members.map(({ user }) => user))
  place.replaceChildren(...parts.map(({ text, named }) => (named ? marked(text, named.id, me.id) : text)))
}

/** @param {string} text @param {Id | null} id @param {Id} me */
function marked(text, id, me) {
  const mark = document.createElement("span")
  mark.className = "mention"
  mark.dataset.tone = id === null ? "live" : "person"
  mark.toggleAttribute("data-me", id === me)
  mark.textContent = text
  return mark
}
