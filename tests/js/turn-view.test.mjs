import assert from "node:assert/strict"
import { test } from "node:test"

import { lastCodeBlock } from "models/code-blocks.js"
import { Team } from "models/team.js"
import { factsOf } from "models/turn-facts.js"
import { askedBy, headingOf, leftOut, limitedBy, modelName, noticeOf, readoutOf, sumOf, wordsOf } from "models/turn-view.js"

import { answer, message } from "./shapes.mjs"

const COMPLETION = { id: "k", model: "gemini-3.5-flash", finish_reason: "stop", code: null, detail: null, usage: { total_tokens: 1842 }, cost_micro_usd: 21_000, left_out: 0, reasoning: null, started_at: "2026-11-21T10:00:00Z", finished_at: "2026-11-21T10:00:08.4Z" }
const ended = (status, fields) => answer({ status, content: "Half", completion: { ...COMPLETION, ...fields } })

test("the readout: tokens, cost, seconds", () => {
  assert.equal(readoutOf(ended("completed")), "1,842 tokens · $0.021 · 8.4 s")
  assert.equal(readoutOf(ended("stopped", { usage: { total_tokens: 30, estimated: true }, cost_micro_usd: 200 })), "about 30 tokens · under $0.001 · 8.4 s")
  assert.equal(readoutOf(ended("failed", { usage: null, cost_micro_usd: null, finished_at: null })), "")
  assert.equal(readoutOf(message({})), "")
})

test("every end that is not a good one says so in its own words", () => {
  const titles = ["failed", "stopped", "interrupted", "truncated"].map((status) => noticeOf(ended(status))?.title)
  assert.deepEqual(titles, ["No answer.", "Stopped.", "Interrupted.", "Cut off."])
  assert.equal(noticeOf(ended("completed")), null)
  assert.equal(noticeOf(ended("streaming")), null)
  assert.equal(noticeOf(ended("completed", { finish_reason: "length" })).title, "Ended at the maximum length.")
})

test("the server's sentence is shown, the code only under Details", () => {
  const notice = noticeOf(ended("failed", { code: "upstream_quota", detail: "The service is out of credit." }))
  assert.equal(notice.words, "The service is out of credit.")
  assert.match(notice.details, /upstream_quota/)
})

const actionOf = (status, fields, content = "Half") => noticeOf({ ...ended(status, fields), content })?.action ?? "retry"

test("an answer with a text that is not at its end can go on; one without a text is tried again", () => {
  const actions = ["interrupted", "truncated", "stopped"].map((status) => [actionOf(status), actionOf(status, {}, "")])
  assert.deepEqual(actions, Array(3).fill(["continue", "retry"]))
  assert.deepEqual([actionOf("completed", { finish_reason: "length" }), actionOf("completed", { finish_reason: "content_filter" })], ["continue", "retry"])
  assert.equal(actionOf("failed", {}, ""), "retry")
})

test("going on that failed says why and when to try again, and keeps the button", () => {
  const problem = { code: "too_many_answers", detail: "Many answers are running.", retryAfter: 12 }
  const notice = noticeOf({ ...ended("stopped"), problem })
  assert.deepEqual([notice.title, notice.words, notice.action], ["Could not go on.", "Many answers are running. Try again in 12 s.", "continue"])
})

test("a sentence that says when to try again is left alone", () => {
  assert.equal(wordsOf({ code: "x", detail: "Send again in a few seconds.", retryAfter: 3 }), "Send again in a few seconds.")
})

test("what was not sent says why", () => {
  const notice = noticeOf(message({ sending: "failed", problem: { code: "offline", detail: "The server cannot be reached." } }))
  assert.deepEqual([notice.title, notice.words], ["Not sent.", "The server cannot be reached."])
})

test("a deleted message has no notice", () => {
  assert.equal(noticeOf({ ...ended("failed"), deleted_at: "2026-11-21T10:00:00Z" }), null)
})

test("headings name who speaks", () => {
  const team = new Team({ id: "ada", name: "Ada" }, "owner")
  assert.equal(headingOf(message({}), team), "You said")
  assert.equal(headingOf(message({ author: { id: "ben", name: "Ben" } }), team), "Ben said")
  assert.equal(headingOf(message({ author: null }), team), "Somebody said")
  assert.equal(headingOf(answer({}), team), "Gemini said")
  assert.equal(headingOf(answer({ status: "streaming" }), team), "Gemini is answering")
  assert.equal(headingOf(answer({ status: "queued", completion: { waits_for: "a1" } }), team), "Gemini answers later")
})

test("an answer says who asked for it, where somebody else could have", () => {
  const [ada, ben] = [{ id: "ada", name: "Ada" }, { id: "ben", name: "Ben" }]
  const members = [{ user: ada, role: "owner", joined_at: "1" }, { user: ben, role: "writer", joined_at: "2" }]
  const shared = new Team(ada, "owner", members, 2)
  const asked = (id, asker = null) => askedBy(answer({ completion: { requested_by: id } }), shared, asker)
  assert.deepEqual([asked("ben"), asked("ada"), asked("cyd", { id: "cyd", name: "Cyd" }), asked("dot"), askedBy(answer({}), shared, ben)], ["asked by Ben", "asked by you", "asked by Cyd", "asked by somebody who left", ""])
  assert.equal(askedBy(answer({ completion: { requested_by: "ada" } }), new Team(ada, "owner"), ada), "")
})

test("left out turns are counted", () => {
  assert.equal(leftOut(ended("completed", { left_out: 3 })), "3 earlier turns did not fit and were left out.")
  assert.equal(leftOut(ended("completed", { left_out: 1 })), "1 earlier turn did not fit and was left out.")
  assert.equal(leftOut(message({})), "")
})

test("models go by their short names", () => {
  assert.equal(modelName("g", [{ id: "g", name: "Gemini 3.5 Flash" }]), "3.5 Flash")
  assert.equal(modelName("gemini-unknown", []), "unknown")
  assert.equal(modelName(null, []), "")
})

test("the sum of the turns on screen", () => {
  assert.equal(sumOf([message({}), ended("completed"), ended("completed")]), "3,684 tokens · $0.042")
  assert.equal(sumOf([message({})]), "")
})

test("the last code block of the last answer that has one", () => {
  const turns = [answer({ content: "```js\none()\n```\n\n~~~\ntwo\n~~~\n" }), message({ content: "```\nmine\n```" }), answer({ content: "none" })]
  assert.equal(lastCodeBlock(turns), "two")
  assert.equal(lastCodeBlock([answer({ content: "```py\nopen\nend" })]), "open\nend")
  assert.equal(lastCodeBlock([answer({ content: "no" })]), null)
})

const USAGE = { prompt_tokens: 13, cached_tokens: 4, completion_tokens: 1891, reasoning_tokens: 1480, total_tokens: 1904, estimated: false }
const PRO = { id: "gemini-3.1-pro-preview", name: "Gemini 3.1 Pro" }

test("what an answer used: prompt, answer, thoughts, cached, cost, model, duration", () => {
  const facts = factsOf(ended("completed", { model: PRO.id, usage: USAGE, cost_micro_usd: 22_718 }), [PRO])
  assert.deepEqual(facts, [["Model", "3.1 Pro"], ["Prompt", "13 tokens"], ["of it cached", "4 tokens"], ["Answer", "411 tokens"], ["Thoughts", "1,480 tokens"], ["In all", "1,904 tokens"], ["Cost", "$0.023"], ["Duration", "8.4 s"]])
  assert.deepEqual(factsOf(message({}), []), [])
})

test("estimates say that they are", () => {
  const facts = Object.fromEntries(factsOf(ended("stopped", { usage: { ...USAGE, estimated: true }, cost_micro_usd: 22_718 }), []))
  assert.deepEqual([facts["In all"], facts.Cost], ["about 1,904 tokens (estimated)", "about $0.023"])
})

test("stopping says what it cost", () => {
  const words = (usage) => noticeOf(ended("stopped", { usage }))?.words
  assert.deepEqual([words({ total_tokens: 420, estimated: true }), words({ total_tokens: 420 }), words(null)], ["Charged about 420 tokens (estimated).", "Charged 420 tokens.", "What came before is kept."])
})

test("a reply that the budget made shorter says so while it is written, and at its end if it ended there", () => {
  const limited = (status, fields) => limitedBy(ended(status, { max_output: 900, ...fields }))
  assert.equal(limited("streaming"), "This reply is limited to about 900 tokens to stay inside your budget.")
  assert.deepEqual([limited("completed"), limited("streaming", { max_output: null })], ["", ""])
  assert.equal(noticeOf(ended("completed", { finish_reason: "length", max_output: 900 })).words, "Your budget allowed no more.")
})
