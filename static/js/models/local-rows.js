// Messages that only the page has, until the server has made them.

/** The row of an answer that the server has not made yet. @param {Message} question @returns {Message} */
export function awaited(question) {
  return { ...question, id: `answer-to-${question.id}`, parent: question.id, role: "assistant", author: null, content: "", status: "queued", sending: "pending", siblings: [] }
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
