// What a screen reader is told of a conversation: the whole of what the person asked for, a few words of everything else.

import { isAnswer } from "models/status.js"

const FEW = 60
const ENDINGS = new Map([["completed", "The answer is complete."], ["stopped", "The answer was stopped."]])

/** @typedef {import("models/conversation-session.js").ConversationSession} Session */

/** Whether the answer is the person's own, and before their eyes. @param {Session} session @param {Id} id */
export function isAwaited({ store, team }, id) {
  const answer = store.get(id)
  return Boolean(answer && team.caused(answer) && store.isShown(id))
}

/** @param {Session} session @param {Id} id of the answer that was asked for @returns {{words: string, text: string}} */
export function endOf({ store }, id) {
  const { status = "failed", content = "" } = store.get(id) ?? {}
  return { words: ENDINGS.get(status) ?? "The answer broke off.", text: content }
}

/** What others did on the branch on screen, in one sentence. @param {Session} session @param {Message} message @returns {string} nothing for the rest */
export function newsOf({ store, team }, message) {
  if (team.caused(message) || !store.isShown(message.id)) return ""
  if (!isAnswer(message)) return message.author ? `${message.author.name}: ${fewWords(message.content)}` : ""
  return message.status === "completed" ? `Gemini answered ${team.nameOf(message.completion?.requested_by)}`.trim() + "." : ""
}

/** Several at once are a number and the last of them. @param {string[]} news @returns {string} */
export function inShort(news) {
  return news.length > 1 ? `${news.length} new messages. ${news.at(-1)}` : (news[0] ?? "")
}

/** @param {string} text */
function fewWords(text) {
  const line = text.trim().replace(/\s+/g, " ")
  return line.length > FEW ? `${line.slice(0, FEW).replace(/\s\S*$/, "")}…` : line
}
