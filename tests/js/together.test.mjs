// Several people say something at once: every page ends with the same messages in the same order.

import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { ApiError } from "lib/api.js"
import { ConversationSession } from "models/conversation-session.js"
import { ConversationWriter } from "models/conversation-writer.js"
import { Outbox } from "models/outbox.js"

import { answer, conversation, FakeApi, FakeSocket, memoryStorage, message, settled } from "./shapes.mjs"

const ADA = { id: "ada", name: "Ada" }
const BEN = { id: "ben", name: "Ben" }
const MEMBERS = [{ user: ADA, role: "owner", joined_at: "1" }, { user: BEN, role: "writer", joined_at: "2" }]
const RUNNING = answer({ id: "a1", parent: "q1", version: 3, position: 3, status: "streaming", content: "Hel", completion: { requested_by: "ben" } })

let api, session, writer, drawn

beforeEach(async () => {
  api = new FakeApi({
    "GET conversations/c1": conversation({ version: 3, people: 2 }),
    "GET conversations/c1/members": { items: MEMBERS, invited: [] },
    "GET conversations/c1/messages": { items: [RUNNING, message({ id: "q1", version: 2, position: 2, author: BEN })], next: null },
  })
  session = new ConversationSession("c1", { api, socket: new FakeSocket(), settings: { model: "gemini", system_prompt: "", parameters: {} }, me: ADA, wait: async () => {} })
  writer = new ConversationWriter(session, { api, outbox: new Outbox(memoryStorage(), "ada") })
  await session.open()
  await settled()
  drawn = []
  session.addEventListener("changed", () => drawn.push(shown()))
})

const shown = () => session.turns().map(({ id }) => id)
const words = () => session.turns().map(({ role, content, status, sending }) => (role === "user" ? content || "q" : (sending ?? status)))

/** The server puts a message below `parent` and an answer that waits below that. */
const stored = (parent, version) => ({ id, content }) => ({
  message: message({ id, parent, content, version, position: version }),
  answer: answer({ id: `answer-${id}`, parent: id, version: version + 1, position: version + 1, status: "queued", completion: { requested_by: "ada", waits_for: "a1" } }),
})

test("sending goes on while somebody's answer is written, to the end of the branch", async () => {
  api.answers["POST conversations/c1/messages"] = stored("a1", 4)
  const sending = writer.send("Mine")
  assert.deepEqual(words(), ["q", "streaming", "Mine", "pending"])
  await sending
  const [{ body }] = api.sent("POST", "conversations/c1/messages")
  assert.deepEqual([body.parent, body.at_end, body.reply], ["a1", true, true])
  assert.deepEqual(words(), ["q", "streaming", "Mine", "queued"])
})

test("who was quicker stands above, and one's own message moves below without a flicker or a double", async () => {
  let arrive
  api.answers["POST conversations/c1/messages"] = (body) => new Promise((resolve) => (arrive = () => resolve(stored("b2", 6)(body))))
  const sending = writer.send("Mine")
  await settled()
  const mine = shown()[2]
  session.hear({ type: "message.created", conversation: "c1", version: 4, message: message({ id: "b1", parent: "a1", version: 4, position: 4, author: BEN, content: "Quicker" }) })
  session.hear({ type: "message.created", conversation: "c1", version: 5, message: answer({ id: "b2", parent: "b1", version: 5, position: 5, status: "queued", completion: { requested_by: "ben", waits_for: "a1" } }) })
  assert.deepEqual(words(), ["q", "streaming", "Quicker", "queued", "Mine", "pending"])
  arrive()
  await sending
  assert.deepEqual(shown(), ["q1", "a1", "b1", "b2", mine, `answer-${mine}`])
  assert.ok(drawn.every((ids) => ids.filter((id) => id === mine).length === 1), "drawn once every time")
})

test("the socket may bring one's own message before the answer to its request", async () => {
  api.answers["POST conversations/c1/messages"] = (body) => {
    const told = stored("a1", 4)(body)
    session.hear({ type: "message.created", conversation: "c1", version: 4, message: told.message })
    assert.deepEqual(words(), ["q", "streaming", "Mine", "pending"])
    session.hear({ type: "message.created", conversation: "c1", version: 5, message: told.answer })
    return told
  }
  await writer.send("Mine")
  assert.deepEqual(words(), ["q", "streaming", "Mine", "queued"])
})

test("two messages in a row are posted in their order and shown in it all the while", async () => {
  const posted = []
  api.answers["POST conversations/c1/messages"] = async (body) => {
    posted.push(body.content)
    await settled()
    return posted.length === 1 ? stored("a1", 4)(body) : stored(`answer-${api.sent("POST", "conv")[0].body.id}`, 6)(body)
  }
  const both = [writer.send("One"), writer.send("Two")]
  assert.deepEqual(words(), ["q", "streaming", "One", "pending", "Two", "pending"])
  await Promise.all(both)
  assert.deepEqual([posted, words()], [["One", "Two"], ["q", "streaming", "One", "queued", "Two", "queued"]])
  assert.ok(drawn.slice(1).every((ids) => ids.length === 6), "nothing comes or goes between")
})

test("a message to people only waits for no answer", async () => {
  api.answers["POST conversations/c1/messages"] = ({ id, content }) => ({ message: message({ id, parent: "a1", content, version: 4, position: 4 }), answer: null })
  const sending = writer.send("Lunch?", false)
  assert.deepEqual(words(), ["q", "streaming", "Lunch?"])
  await sending
  assert.equal(api.sent("POST", "conversations/c1/messages")[0].body.reply, false)
  assert.deepEqual([words(), session.isBusy], [["q", "streaming", "Lunch?"], false])
})

test("what could not be sent stays at the end, whatever others say meanwhile", async () => {
  api.answers["POST conversations/c1/messages"] = new ApiError(0, { code: "offline", detail: "" })
  await writer.send("Mine", false)
  session.take([message({ id: "b1", parent: "a1", version: 4, position: 4, author: BEN, content: "Ben's" })])
  assert.deepEqual(session.turns().slice(-2).map(({ content, sending }) => [content, sending]), [["Ben's", undefined], ["Mine", "failed"]])
  assert.equal(writer.discard(session.turns().at(-1).id), "Mine")
  assert.deepEqual(shown(), ["q1", "a1", "b1"])
})

test("taking back deletes the question whose answer waits", async () => {
  api.answers["POST conversations/c1/messages"] = stored("a1", 4)
  await writer.send("Mine")
  const [question, waiting] = session.turns().slice(-2)
  api.answers[`DELETE messages/${question.id}`] = { ...question, content: "", deleted_at: "2026-11-21T10:00:00Z", version: 7 }
  assert.equal(await writer.takeBack(waiting.id), "Mine")
  session.take([{ ...waiting, status: "stopped", version: 8 }])
  assert.equal(session.turns().at(-1).id, question.id)
})

test("Stop means the answer that is written for the person, and neither a waiting one nor another's", async () => {
  api.answers["POST conversations/c1/messages"] = stored("a1", 4)
  await writer.send("Mine")
  assert.equal(session.team.mayStop(RUNNING), true)
  assert.equal(session.stoppable, undefined)
  session.take([{ ...RUNNING, version: 6, completion: { requested_by: "ada" } }])
  assert.equal(session.stoppable?.id, "a1")
})

test("a person who was removed has all that they could not send, and may begin a new chat with it", async () => {
  api.answers["POST conversations/c1/messages"] = new ApiError(0, { code: "offline", detail: "" })
  await writer.send("First", false)
  await writer.send("Second", false)
  assert.deepEqual([writer.discardAll(), writer.discardAll()], [["First", "Second"], []])
  const fresh = new ConversationSession(null, { api, socket: new FakeSocket(), settings: { model: "gemini", system_prompt: "", parameters: {} }, me: ADA })
  fresh.refuse({ code: "removed", detail: "" })
  new ConversationWriter(fresh, { api, outbox: new Outbox(memoryStorage(), "ada") }).send("First", false)
  assert.deepEqual([fresh.problem, fresh.turns().length], [null, 1])
})

test("somebody's new version far above does not take away what is read; one's own does", () => {
  session.take([message({ id: "q2", parent: "a1", version: 4, position: 4 }), answer({ id: "a2", parent: "q2", version: 5, position: 5 }), message({ id: "q3", parent: "a2", version: 6, position: 6 })])
  session.take([message({ id: "edit", parent: null, version: 7, position: 7, author: BEN, siblings: ["q1", "edit"] })])
  assert.deepEqual([shown().at(-1), session.store.versions("q1")], ["q3", ["q1", "edit"]])
  session.take([message({ id: "b3", parent: "a2", version: 8, position: 8, author: BEN, siblings: ["q3", "b3"] })])
  assert.equal(shown().at(-1), "b3")
  session.take([message({ id: "mine", parent: null, version: 9, position: 9, siblings: ["q1", "edit", "mine"] })])
  assert.deepEqual(shown(), ["mine"])
})

test("news of the conversation does not lead back to where the person once stood", async () => {
  const old = { ...conversation({ version: 4, people: 2 }), current_message: "a1" }
  session.takeConversation(old)
  session.take([message({ id: "q2", parent: "q1", version: 5, position: 5, author: BEN, siblings: ["a1", "q2"] })])
  session.hear({ type: "conversation.updated", conversation: "c1", version: 6, item: { ...old, version: 6, title: "New title" } })
  await settled()
  assert.equal(shown().at(-1), "q2")
})

test("a member's news counts as a version, and a skipped one makes it read the members again", async () => {
  session.hear({ type: "member.joined", conversation: "c1", version: 4, member: { user: { id: "cyd", name: "Cyd" }, role: "reader", joined_at: "3" } })
  assert.deepEqual([session.store.version, session.team.people, api.sent("GET", "conversations/c1/changes").length], [4, 3, 0])
  api.answers["GET conversations/c1/changes"] = { version: 9, conversation: conversation({ version: 9, people: 3 }), messages: [], deleted: [], more: false }
  session.hear({ type: "member.left", conversation: "c1", version: 9, member: { user: BEN, role: "writer", joined_at: "2" } })
  await settled()
  assert.equal(api.sent("GET", "conversations/c1/members").length, 2)
})
