// Messages that only the page has, until the server has made them.

/** The row of an answer that the server has not made yet. @param {Message} question @returns {Message} */
export function awaited(question) {
  return { ...question, id: `answer-to-${question.id}`, parent: question.id, role: "assistant", author: null, content: "", status: "queued", sending: "pending", siblings: [] }
}

/**
 * The turns to show: with the row of every answer that was asked for and has not come, without those that were taken back.
 * @param {Message[]} messages of a branch @param {Set<Id>} asking the questions whose request is not answered yet @returns {Message[]}
 */
export function turnsOf(messages, asking) {
  const turns = messages.filter((message, at) => !isTakenBack(message, messages[at - 1]))
  const waits = (/** @type {Message} */ message, /** @type {number} */ at) => asking.has(message.id) && turns[at + 1]?.parent !== message.id
  return turns.flatMap((message, at) => (waits(message, at) ? [message, awaited(message)] : [message]))
}

/** @param {Message} answer @param {Message | undefined} question */
function isTakenBack({ role, status, content }, question) {
  return role === "assistant" && status === "stopped" && !content && Boolean(question?.deleted_at)
}

/** @param {Id} id @param {Id} conversation @param {Id | null} parent @param {string} at @returns {Message} */
export function blank(id, conversation, parent, at) {
  return { id, conversation, parent, role: "assistant", author: null, model: null, content: "", status: "queued", version: 0, created_at: at, deleted_at: null, siblings: [], completion: null }
}

/** The answer that goes on from another one and stands in its place. @param {Id} id @param {Message} answer @returns {Message} */
export function continuation(id, answer) {
  const { conversation, parent, created_at, model, content } = answer
  const completion = { ...NOTHING_YET, model: answer.completion?.model ?? model ?? "", continues: answer.id }
  return { ...blank(id, conversation, parent, created_at), model, content, completion, sending: "pending" }
}

const NOTHING_YET = { id: "", finish_reason: "", code: "", detail: "", usage: null, cost_micro_usd: null, left_out: 0, reasoning: "", started_at: null, finished_at: null }
