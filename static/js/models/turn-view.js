// What a turn says about its message, in words and figures. Knows nothing of the DOM.

import { counted, dollars } from "lib/figures.js"
import { duration } from "lib/time.js"
import { isLive, isWaiting } from "models/status.js"

/**
 * @typedef {{tone: "warn" | "bad" | "", icon: string, title: string, words: string, details: string, action?: "continue" | "retry"}} Notice
 * action: the one thing to do about it, "retry" unless it says otherwise
 */

const LENGTH_LIMITS = ["length", "max_tokens", "MAX_TOKENS"]

/** @param {string | null | undefined} id @param {Model[]} models @returns {string} "3.5 Flash" */
export function modelName(id, models) {
  const known = models.find((model) => model.id === id)
  return (known?.name ?? id ?? "").replace(/^gemini[ -]/i, "")
}

/** @param {Message} message @param {import("models/team.js").Team} team @returns {string} the hidden heading of a turn */
export function headingOf(message, team) {
  if (isWaiting(message)) return "Gemini answers later"
  if (message.role === "assistant") return isLive(message.status) ? "Gemini is answering" : "Gemini said"
  return team.wrote(message) ? "You said" : `${message.author?.name ?? "Somebody"} said`
}

/** @param {Message} answer @param {import("models/team.js").Team} team @param {Person | null} asker who wrote the question @returns {string} "asked by Ben", "" where nobody else could have asked */
export function askedBy({ completion }, team, asker) {
  const id = completion?.requested_by
  const name = id && team.isShared && (team.nameOf(id) || (asker?.id === id ? asker.name : "somebody who left"))
  return name ? `asked by ${name}` : ""
}

/** What went wrong or ended early, in the place where it happened. @param {Message} message @returns {Notice | null} */
export function noticeOf(message) {
  if (message.deleted_at) return null
  if (message.sending === "failed") return unsent(message)
  const end = message.role === "assistant" ? endOf(message) : null
  if (!end || !canGoOn(message)) return end
  return { ...end, ...stuck(message), action: "continue" }
}

/** @param {Problem} problem @returns {string} what went wrong and what can be done */
export function wordsOf({ detail, retryAfter = 0 }) {
  const wait = retryAfter < 100 ? `${Math.ceil(retryAfter)} s` : duration(retryAfter * 1000)
  return retryAfter && !/again/i.test(detail) ? `${detail} Try again in ${wait}.` : detail
}

// There is something to go on from, and the model did not say that it was at the end.
/** @param {Message} message */
function canGoOn({ content, status, completion }) {
  return content !== "" && (status !== "completed" || isTooLong(completion))
}

/** @param {Completion | null} completion */
function isTooLong(completion) {
  return LENGTH_LIMITS.includes(completion?.finish_reason ?? "")
}

/** Going on was asked for and failed. @param {Message} message @returns {Partial<Notice>} */
function stuck({ problem }) {
  return problem ? { tone: "bad", icon: "circle-alert", title: "Could not go on.", words: wordsOf(problem), details: problem.code } : {}
}

/** @param {Message} message @returns {string} "1,842 tokens · $0.021 · 8.4 s" */
export function readoutOf({ completion }) {
  if (!completion) return ""
  const { usage, cost_micro_usd: cost, started_at: from, finished_at: to } = completion
  const tokens = usage && `${usage.estimated ? "about " : ""}${counted(usage.total_tokens, "token")}`
  const money = cost !== null && cost > 0 && dollars(cost)
  const time = from && to && duration(Date.parse(to) - Date.parse(from))
  return [tokens, money, time].filter(Boolean).join(" · ")
}

/** @param {Message} message @returns {string} "" if nothing was left out */
export function leftOut({ completion }) {
  if (!completion?.left_out) return ""
  return `${counted(completion.left_out, "earlier turn")} did not fit and ${completion.left_out === 1 ? "was" : "were"} left out.`
}

/** While it is written; an answer that ended there says so at its end. @param {Message} message @returns {string} "" if the budget allows as much as was asked for */
export function limitedBy({ status, completion }) {
  const most = completion?.max_output
  if (!most || !isLive(status)) return ""
  return `This reply is limited to about ${counted(most, "token")} to stay inside your budget.`
}

/** All that the turns on screen used. @param {Message[]} turns @returns {string} "9,284 tokens · $0.11", "" if nothing */
export function sumOf(turns) {
  const completions = turns.flatMap(({ completion }) => (completion ? [completion] : []))
  const tokens = completions.reduce((sum, { usage }) => sum + (usage?.total_tokens ?? 0), 0)
  const cost = completions.reduce((sum, { cost_micro_usd }) => sum + (cost_micro_usd ?? 0), 0)
  return [tokens && counted(tokens, "token"), cost && dollars(cost)].filter(Boolean).join(" · ")
}

/** @param {Message} message @returns {Notice} */
function unsent({ role, problem }) {
  const title = role === "user" ? "Not sent." : "No answer."
  return { tone: "bad", icon: "circle-alert", title, words: problem ? wordsOf(problem) : "", details: detailsOf([problem?.code]) }
}

/** @param {Message} message @returns {Notice | null} */
function endOf(message) {
  const { status, completion } = message
  const words = completion?.detail ?? ""
  if (status === "interrupted" && !message.content) return { tone: "warn", icon: "unplug", title: "Interrupted.", words: "Our server broke off before anything had come.", details: "" }
  const details = detailsOf([completion?.code, completion?.finish_reason, completion?.model])
  if (status === "failed") return { tone: "bad", icon: "circle-alert", title: "No answer.", words: words || "The model gave none.", details }
  if (status === "stopped") return { tone: "", icon: "circle-stop", title: "Stopped.", words: stoppedWords(message), details: "" }
  if (status === "interrupted") return { tone: "warn", icon: "unplug", title: "Interrupted.", words: words || "Our server broke off. What came before is kept.", details }
  if (status === "truncated") return { tone: "warn", icon: "unplug", title: "Cut off.", words: words || "The connection to the model broke.", details }
  return status === "completed" ? earlyEnd(completion, words) : null
}

/** @param {Message} message */
function stoppedWords({ content, completion }) {
  const usage = completion?.usage
  if (usage?.total_tokens) return `Charged ${usage.estimated ? "about " : ""}${counted(usage.total_tokens, "token")}${usage.estimated ? " (estimated)" : ""}.`
  return content ? "What came before is kept." : "Nothing had come yet."
}

/** @param {Completion | null} completion @param {string} words @returns {Notice | null} */
function earlyEnd(completion, words) {
  if (isTooLong(completion)) return { tone: "warn", icon: "scissors", title: "Ended at the maximum length.", words: completion?.max_output ? "Your budget allowed no more." : "Chat settings allow longer answers.", details: "" }
  if (completion?.finish_reason === "content_filter") return { tone: "warn", icon: "shield", title: "Ended by the provider's filter.", words, details: "" }
  return null
}

/** @param {(string | null | undefined)[]} facts */
function detailsOf(facts) {
  return facts.filter(Boolean).join(" · ")
}
