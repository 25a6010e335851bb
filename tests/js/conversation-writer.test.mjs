import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { ApiError } from "lib/api.js"
import { ConversationSession } from "models/conversation-session.js"
import { ConversationWriter } from "models/conversation-writer.js"
import { Outbox } from "models/outbox.js"

import { answer, conversation, FakeApi, FakeSocket, memoryStorage, message } from "./shapes.mjs"

const OFFLINE = new ApiError(0, { code: "offline", detail: "The server cannot be reached." })
const ME = { id: "ada", name: "Ada" }

let api, outbox, session, writer, now

beforeEach(() => {
  now = Date.parse("2026-11-21T10:00:00Z")
  api = new FakeApi({
    "POST conversations": ({ id, model }) => conversation({ id, model }),
    "GET conversations/c1": conversation({ version: 3 }),
    "GET conversations/c1/messages": { items: [answer({ id: "a1", parent: "q1", version: 3 }), message({ id: "q1", version: 2 })], next: null },
    "POST conversations/c1/messages": stored,
    "POST messages/q1/completions": ({ id }) => ({ message: answer({ id, parent: "q1", version: 4, status: "queued", siblings: ["a1", id] }) }),
    "PATCH conversations/c1": (fields) => conversation({ version: 3, ...fields }),
  })
  outbox = new Outbox(memoryStorage(), "ada")
  open(null)
})

function open(id) {
  session = new ConversationSession(id, { api, socket: new FakeSocket(), settings: { model: "gemini", system_prompt: "", parameters: {} }, me: ME, now: () => now })
  writer = new ConversationWriter(session, { api, outbox, now: () => now })
  return session.open()
}

function stored({ id, parent, content }) {
  const question = message({ id, parent, content, version: 4 })
  return { message: question, answer: answer({ id: `answer-${id}`, parent: id, version: 5, status: "queued" }) }
}

const rows = () => session.turns().map(({ role, sending, status }) => `${role} ${sending ?? status}`)

test("a question is on screen with the row of its answer before the server knows of it", () => {
  api.answers["POST conversations"] = () => new Promise(() => {})
  writer.send("Hello")
  assert.deepEqual(rows(), ["user pending", "assistant pending"])
  assert.equal(outbox.all()[0].content, "Hello")
})

test("the row of the answer stays while the socket brings the question first", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = (body) => {
    session.take([message({ id: body.id, parent: "a1", version: 4 })])
    assert.deepEqual(rows().slice(-2), ["user completed", "assistant pending"])
    return stored(body)
  }
  await writer.send("Hello")
  assert.deepEqual(rows().slice(-2), ["user completed", "assistant queued"])
})

test("the first message makes the conversation with the chosen settings, then is posted under it", async () => {
  session.settings.model = "gemini-pro"
  const began = []
  session.addEventListener("began", () => began.push(session.id))
  api.answers[`POST conversations`] = ({ id, model }) => {
    api.answers[`POST conversations/${id}/messages`] = stored
    return conversation({ id, model })
  }
  await writer.send("Hello")
  assert.equal(api.sent("POST", "conversations")[0].body.model, "gemini-pro")
  assert.deepEqual([began, outbox.all()], [[session.id], []])
  assert.deepEqual(rows(), ["user completed", "assistant queued"])
})

test("a send that fails keeps its text and says why", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = OFFLINE
  await writer.send("Hello")
  const last = session.turns().at(-1)
  assert.deepEqual([last.content, last.sending, last.problem.code], ["Hello", "failed", "offline"])
  assert.equal(outbox.all()[0].problem.code, "offline")
})

test("Retry sends the same id again", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = OFFLINE
  await writer.send("Hello")
  const { id } = session.turns().at(-1)
  api.answers["POST conversations/c1/messages"] = stored
  await writer.resend(id)
  const posts = api.sent("POST", "conversations/c1/messages").map(({ body }) => body.id)
  assert.deepEqual(posts, [id, id])
  assert.deepEqual([rows().slice(-2), outbox.all()], [["user completed", "assistant queued"], []])
})

test("taking a failed send back returns its text and the turns before it", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = OFFLINE
  await writer.send("Hello")
  assert.equal(writer.discard(session.turns().at(-1).id), "Hello")
  assert.deepEqual(session.turns().map(({ id }) => id), ["q1", "a1"])
})

test("a failed send is there again after a reload", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = OFFLINE
  await writer.send("Hello")
  await open("c1")
  writer.recover()
  const last = session.turns().at(-1)
  assert.deepEqual([last.content, last.sending], ["Hello", "failed"])
})

test("what was on its way when the page was reloaded is sent again by itself, if that was a moment ago", async () => {
  for (const [minutes, expected] of [[1, "user completed"], [60, "user failed"]]) {
    outbox.keep({ id: `m${minutes}`, conversation: "c1", parent: "a1", content: "Hello", opens: null, sentAt: now - minutes * 60_000, problem: null })
    await open("c1")
    writer.recover()
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(rows().includes(expected), `${minutes} minutes: ${rows()}`)
    outbox.done(`m${minutes}`)
  }
})

test("a chat that could not be begun waits at the empty page", async () => {
  api.answers["POST conversations"] = OFFLINE
  await writer.send("Hello")
  await open(null)
  writer.recover()
  assert.deepEqual(rows(), ["user failed"])
  assert.equal(session.id, outbox.all()[0].conversation)
})

test("a message that the socket brought although its answer was lost has arrived", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = ({ id, content }) => {
    session.take([message({ id, parent: "a1", content, version: 4 })])
    return OFFLINE
  }
  await writer.send("Hello")
  assert.deepEqual([session.turns().at(-1).sending, outbox.all()], [undefined, []])
})

test("an edit is posted beside the message that it replaces", async () => {
  await open("c1")
  await writer.sendBeside("Better", null)
  const posted = api.sent("POST", "conversations/c1/messages")[0].body
  assert.equal(posted.parent, null)
  assert.equal(session.store.versions(posted.id).length, 2)
  assert.deepEqual(rows(), ["user completed", "assistant queued"])
})

test("answering again shows a row at once and asks with its own id and model", async () => {
  await open("c1")
  const asked = writer.answerAgain("q1", "gemini-pro")
  assert.deepEqual(rows(), ["user completed", "assistant pending"])
  await asked
  const { body } = api.sent("POST", "messages/q1/completions")[0]
  assert.deepEqual(body, { id: session.turns().at(-1).id, model: "gemini-pro" })
})

test("an answer that could not be asked for can be asked for again with the same id", async () => {
  await open("c1")
  const again = api.answers["POST messages/q1/completions"]
  api.answers["POST messages/q1/completions"] = OFFLINE
  await writer.answerAgain("q1")
  const { id, sending } = session.turns().at(-1)
  assert.equal(sending, "failed")
  api.answers["POST messages/q1/completions"] = again
  await writer.askAgain(id)
  assert.deepEqual([session.turns().at(-1).id, session.turns().at(-1).sending], [id, undefined])
})

const BROKEN = answer({ id: "a1", parent: "q1", version: 3, status: "interrupted", content: "Half" })
const goesOn = ({ id }) => ({ message: answer({ id, parent: "q1", version: 4, status: "queued", content: "Half", siblings: [id], completion: { continues: "a1" } }) })

async function openBroken() {
  api.answers["GET conversations/c1/messages"].items[0] = BROKEN
  await open("c1")
}

test("going on shows the text so far at once, in the place of the answer that broke off", async () => {
  await openBroken()
  api.answers["POST messages/a1/completions"] = goesOn
  const asked = writer.goOn("a1")
  const last = session.turns().at(-1)
  assert.deepEqual([last.content, last.sending, session.store.versions(last.id)], ["Half", "pending", [last.id]])
  assert.equal(await asked, undefined)
  assert.deepEqual(api.sent("POST", "messages/a1/completions").map(({ body }) => body), [{ id: last.id, continue: true }])
  assert.deepEqual([session.turns().at(-1).id, session.turns().at(-1).sending], [last.id, undefined])
})

test("a double click and a repeat after a failure ask for one and the same answer", async () => {
  await openBroken()
  api.answers["POST messages/a1/completions"] = OFFLINE
  await Promise.all([writer.goOn("a1"), writer.goOn("a1")])
  api.answers["POST messages/a1/completions"] = goesOn
  await writer.goOn("a1")
  const ids = api.sent("POST", "messages/a1/completions").map(({ body }) => body.id)
  assert.deepEqual([ids.length, new Set(ids).size, session.turns().at(-1).id], [2, 1, ids[0]])
})

test("when going on fails the old answer is there again and says why", async () => {
  await openBroken()
  api.answers["POST messages/a1/completions"] = new ApiError(429, { code: "too_many_answers", detail: "Many answers are running.", retry_after: 12 })
  const problem = await writer.goOn("a1")
  const last = session.turns().at(-1)
  assert.deepEqual([last.id, last.content, last.status, last.problem], ["a1", "Half", "interrupted", problem])
  assert.deepEqual([problem.retryAfter, session.isBusy], [12, false])
})

test("a failed going on leads back to the version that it began at", async () => {
  api.answers["GET conversations/c1/messages"].items[0] = { ...BROKEN, siblings: ["a1", "b1"] }
  await open("c1")
  session.store.put(answer({ id: "b1", parent: "q1", siblings: ["a1", "b1"] }))
  api.answers["POST messages/a1/completions"] = OFFLINE
  await writer.goOn("a1")
  assert.equal(session.turns().at(-1).id, "a1")
})

test("going on that the socket tells of has begun although the request's answer was lost", async () => {
  await openBroken()
  api.answers["POST messages/a1/completions"] = (body) => {
    session.take([goesOn(body).message])
    return OFFLINE
  }
  assert.equal(await writer.goOn("a1"), undefined)
  assert.deepEqual([session.turns().at(-1).status, session.turns().at(-1).sending], ["queued", undefined])
})

test("what a leaving server did not take goes out when the connection is back", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = new ApiError(503, { code: "shutting_down", detail: "Restarting." })
  await writer.send("Hello")
  api.answers["POST conversations/c1/messages"] = stored
  await writer.resendUnreached()
  assert.deepEqual(rows().slice(-2), ["user completed", "assistant queued"])
})

test("choosing a version tells the server where the person stands", async () => {
  await open("c1")
  await writer.answerAgain("q1")
  await writer.choose("a1")
  assert.equal(session.turns().at(-1).id, "a1")
  assert.deepEqual(api.sent("PATCH", "conversations/c1")[0].body, { current_message: "a1" })
})

test("a version that only this page has is chosen without asking the server", async () => {
  await open("c1")
  api.answers["POST messages/q1/completions"] = OFFLINE
  await writer.answerAgain("q1")
  const { id } = session.turns().at(-1)
  await writer.choose("a1")
  await writer.choose(id)
  assert.equal(session.turns().at(-1).id, id)
  assert.equal(api.sent("PATCH", "conversations/c1").length, 1)
})

test("settings of a chat that does not exist yet are kept for its beginning", async () => {
  await writer.change({ model: "gemini-pro", system_prompt: "Be brief" })
  assert.deepEqual([session.chosen.model, session.chosen.system_prompt], ["gemini-pro", "Be brief"])
  assert.deepEqual(api.calls, [])
})

const REFUSED = new ApiError(402, { code: "budget_exceeded", detail: "Used up.", reason: "limit_reached", scope: "you" })

function refusals() {
  const told = []
  session.addEventListener("refused", ({ detail }) => told.push(detail))
  return told
}

test("a question that the budget refuses goes back to the message box", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = REFUSED
  const told = refusals()
  await writer.send("Hello")
  assert.deepEqual([told[0].text, told[0].refusal.reason, told.length], ["Hello", "limit_reached", 1])
  assert.deepEqual(session.turns().map(({ id }) => id), ["q1", "a1"])
  assert.deepEqual(outbox.all(), [])
})

test("an edit that the budget refuses stays in its place, to be sent again", async () => {
  await open("c1")
  api.answers["POST conversations/c1/messages"] = REFUSED
  const told = refusals()
  await writer.sendBeside("Better", null)
  assert.deepEqual([session.turns().at(-1).content, session.turns().at(-1).sending, told[0].text], ["Better", "failed", ""])
})

test("another answer that the budget refuses says so in its place", async () => {
  await open("c1")
  api.answers["POST messages/q1/completions"] = REFUSED
  const told = refusals()
  await writer.answerAgain("q1")
  assert.deepEqual([session.turns().at(-1).status, told[0].text], ["failed", ""])
})
