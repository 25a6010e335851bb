import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { ApiError } from "lib/api.js"
import { ConversationSession } from "models/conversation-session.js"

import { answer, conversation, FakeApi, FakeSocket, message, settled } from "./shapes.mjs"

const QUESTION = message({ id: "q1", version: 2, content: "Hi" })
const ANSWER = answer({ id: "a1", parent: "q1", version: 3, status: "streaming", content: "Hel" })

let api, socket, session, heard, now

beforeEach(async () => {
  api = new FakeApi({
    "GET conversations/c1": conversation({ version: 3, current_message: "a1" }),
    "GET conversations/c1/messages": { items: [ANSWER, QUESTION], next: null },
  })
  socket = new FakeSocket()
  now = 1000
  session = new ConversationSession("c1", { api, socket, settings: { model: "gemini", system_prompt: "", parameters: {} }, me: { id: "ada", name: "Ada" }, now: () => now, wait: async () => {} })
  heard = []
  for (const type of ["grew", "started", "finished", "waiting"]) session.addEventListener(type, () => heard.push(type))
  await session.open()
})

const shown = () => session.turns().map(({ id }) => id)

test("it listens first, reads second, and asks for the rest of a running answer", () => {
  assert.deepEqual(socket.frames[0], { type: "conversation.open", conversation: "c1" })
  assert.deepEqual(socket.frames.at(-1), { type: "completion.sync", message: "a1", offset: 3 })
  assert.deepEqual(shown(), ["q1", "a1"])
  assert.equal(session.isBusy, true)
})

test("deltas grow the answer", () => {
  session.hear({ type: "completion.delta", message: "a1", offset: 3, text: "lo" })
  assert.equal(session.store.get("a1").content, "Hello")
  assert.deepEqual(heard, ["grew"])
})

test("a hole in the text is asked for from the length that is here, once", () => {
  const before = socket.frames.length
  now += 1000
  session.hear({ type: "completion.delta", message: "a1", offset: 9, text: "!" })
  session.hear({ type: "completion.delta", message: "a1", offset: 10, text: "!" })
  assert.deepEqual(socket.frames.slice(before), [{ type: "completion.sync", message: "a1", offset: 3 }])
})

test("a hole is asked for again soon if the first question did not fill it", () => {
  const asked = () => socket.frames.filter(({ type }) => type === "completion.sync").length
  now += 1000
  const before = asked()
  for (let at = 0; at < 10; at++) session.hear({ type: "completion.delta", message: "a1", offset: 9 + at, text: "!" })
  session.hear({ type: "completion.delta", message: "a1", offset: 3, text: "lo" })
  session.hear({ type: "completion.delta", message: "a1", offset: 19, text: "!" })
  assert.equal(asked(), before + 1)
  now += 1000
  session.tick()
  assert.equal(asked(), before + 2)
  session.hear({ type: "completion.delta", message: "a1", offset: 5, text: ", you" })
  assert.equal(session.store.get("a1").content, "Hello, you!!!!!!!!!!")
})

test("an answer that was begun again is shown as it is now", () => {
  session.hear({ type: "message.updated", conversation: "c1", version: 4, message: { ...ANSWER, version: 4, status: "queued", content: "" } })
  session.hear({ type: "completion.delta", message: "a1", offset: 0, text: "Good" })
  assert.deepEqual([session.store.get("a1").content, session.isBusy, session.store.version], ["Good", true, 4])
})

test("a piece that contradicts the text makes it ask what it missed", async () => {
  api.answers["GET conversations/c1/changes"] = { version: 4, conversation: conversation({ version: 4 }), messages: [{ ...ANSWER, version: 4, status: "streaming", content: "Good d" }], deleted: [], more: false }
  now += 1000
  session.hear({ type: "completion.delta", message: "a1", offset: 0, text: "Good" })
  assert.deepEqual(socket.frames.at(-1), { type: "completion.sync", message: "a1", offset: 0 })
  await settled()
  assert.equal(session.store.get("a1").content, "Good d")
})

test("the answer that goes on from one on screen takes its place, whoever asked for it", () => {
  const broken = { ...ANSWER, version: 4, status: "interrupted" }
  session.hear({ type: "completion.finished", conversation: "c1", version: 4, message: broken })
  const next = answer({ id: "a2", parent: "q1", version: 5, status: "queued", content: "Hel", siblings: ["a2"], completion: { continues: "a1" } })
  session.hear({ type: "message.created", conversation: "c1", version: 5, message: next })
  assert.deepEqual([shown(), session.store.versions("a2"), session.isBusy], [["q1", "a2"], ["a2"], true])
  session.hear({ type: "conversation.updated", conversation: "c1", version: 6, item: conversation({ version: 6, current_message: "a1" }) })
  assert.deepEqual(shown(), ["q1", "a2"])
})

test("the end of an answer arrives with the whole message", () => {
  session.hear({ type: "completion.finished", conversation: "c1", version: 4, message: { ...ANSWER, version: 4, status: "completed", content: "Hello!" } })
  assert.equal(session.store.get("a1").content, "Hello!")
  assert.deepEqual([heard, session.isBusy, session.store.version], [["finished"], false, 4])
})

test("a version that skips makes it ask for the changes since its own", async () => {
  const finished = { ...ANSWER, version: 4, status: "completed", content: "Hello!" }
  const next = message({ id: "q2", parent: "a1", version: 5, content: "More" })
  api.answers["GET conversations/c1/changes"] = { version: 6, conversation: conversation({ version: 6, title: "Greeting" }), messages: [finished, next], deleted: [], more: false }
  session.hear({ type: "message.created", conversation: "c1", version: 6, message: answer({ id: "a2", parent: "q2", version: 6, status: "queued" }) })
  await settled()
  assert.equal(api.sent("GET", "conversations/c1/changes")[0].path, "conversations/c1/changes?since=3")
  assert.deepEqual(shown(), ["q1", "a1", "q2", "a2"])
  assert.equal(session.conversation.title, "Greeting")
  assert.equal(session.store.version, 6)
})

test("it repeats the question while there is more", async () => {
  const pages = [{ version: 4, messages: [], more: true }, { version: 9, messages: [], more: false }]
  api.answers["GET conversations/c1/changes"] = () => ({ conversation: conversation({ version: 9 }), deleted: [], ...pages.shift() })
  await session.heal()
  assert.deepEqual(api.sent("GET", "conversations/c1/changes").map(({ path }) => path), ["conversations/c1/changes?since=3", "conversations/c1/changes?since=4"])
  assert.equal(session.store.version, 9)
})

test("a piece for an unknown message makes it ask what it missed", async () => {
  api.answers["GET conversations/c1/changes"] = { version: 3, conversation: conversation({ version: 3 }), messages: [], deleted: [], more: false }
  session.hear({ type: "completion.delta", message: "a9", offset: 0, text: "?" })
  await settled()
  assert.equal(api.sent("GET", "conversations/c1/changes").length, 1)
})

test("a new version of a turn on screen is shown", () => {
  session.hear({ type: "message.created", conversation: "c1", version: 4, message: answer({ id: "a2", parent: "q1", version: 4, status: "queued", siblings: ["a1", "a2"] }) })
  assert.deepEqual(shown(), ["q1", "a2"])
  assert.deepEqual(session.store.versions("a2"), ["a1", "a2"])
  assert.deepEqual(heard, ["started"])
})

test("it follows the person to the branch that another tab chose", async () => {
  session.hear({ type: "message.created", conversation: "c1", version: 4, message: answer({ id: "a2", parent: "q1", version: 4, siblings: ["a1", "a2"] }) })
  session.hear({ type: "conversation.updated", conversation: "c1", version: 4, item: conversation({ version: 4, current_message: "a1" }) })
  await settled()
  assert.deepEqual(shown(), ["q1", "a1"])
})

test("a branch that is not here is read", async () => {
  const other = answer({ id: "b1", parent: "q1", version: 2, siblings: ["b1", "a1"] })
  api.answers["GET conversations/c1/messages?branch=b1&limit=50"] = { items: [other, QUESTION], next: null }
  await session.goTo("b1")
  assert.deepEqual(shown(), ["q1", "b1"])
})

test("what belongs to another conversation is not heard", () => {
  session.hear({ type: "message.created", conversation: "c2", version: 4, message: message({ id: "x", conversation: "c2" }) })
  assert.equal(session.store.get("x"), undefined)
})

test("after it is closed it hears nothing", () => {
  session.close()
  session.hear({ type: "completion.delta", message: "a1", offset: 3, text: "lo" })
  assert.equal(session.store.get("a1").content, "Hel")
})

test("older pages are read above with the cursor of the page below", async () => {
  const late = message({ id: "q2", parent: "a1", version: 4 })
  api.answers["GET conversations/c1/messages?branch=current&limit=50"] = { items: [late], next: "CURSOR" }
  api.answers["GET conversations/c1/messages?branch=q2&before=CURSOR&limit=50"] = { items: [ANSWER, QUESTION], next: null }
  const long = new ConversationSession("c1", { api, socket, settings: session.settings, me: session.me })
  await long.open()
  assert.equal(long.hasOlder, true)
  assert.equal(await long.readOlder(), true)
  assert.deepEqual(long.turns().map(({ id }) => id), ["q1", "a1", "q2"])
  assert.equal(long.hasOlder, false)
})

test("several who want the older page share one, and all hear that it came", async () => {
  api.answers["GET conversations/c1/messages?branch=current&limit=50"] = { items: [message({ id: "q2", parent: "a1", version: 4 })], next: "CURSOR" }
  api.answers["GET conversations/c1/messages?branch=q2&before=CURSOR&limit=50"] = { items: [ANSWER, QUESTION], next: null }
  const long = new ConversationSession("c1", { api, socket, settings: session.settings, me: session.me })
  await long.open()
  assert.deepEqual(await Promise.all([long.readOlder(), long.readOlder()]), [true, true])
  assert.deepEqual([api.sent("GET", "conversations/c1/messages?branch=q2").length, await long.readOlder()], [1, false])
})

test("a conversation that does not exist is a problem, not an exception", async () => {
  const none = new ConversationSession("nope", { api, socket, settings: session.settings, me: session.me })
  await none.open()
  assert.equal(none.problem.code, "not_found")
})

test("what could not be read is read when the connection is back", async () => {
  api.answers["GET conversations/c1"] = new ApiError(0, { code: "offline", detail: "" })
  const late = new ConversationSession("c1", { api, socket, settings: session.settings, me: session.me })
  await late.open()
  assert.equal(late.problem.code, "offline")
  api.answers["GET conversations/c1"] = conversation({ version: 3 })
  await late.heal()
  assert.equal(late.problem, null)
  assert.deepEqual(late.turns().map(({ id }) => id), ["q1", "a1"])
})

test("a chat that is only beginning has nothing to ask for", async () => {
  const beginning = new ConversationSession(null, { api, socket, settings: session.settings, me: session.me })
  beginning.id = "c9"
  await beginning.heal()
  assert.deepEqual(api.sent("GET", "conversations/c9"), [])
})

test("a message far up on another branch is read up to before the branch is shown", async () => {
  api.answers["GET conversations/c1/messages"] = (_, path) =>
    path.includes("before") ? { items: [message({ id: "far", version: 1, siblings: ["q1", "far"] })], next: null } : { items: [answer({ id: "end", parent: "far", version: 4 })], next: "CURSOR" }
  await session.goTo("far")
  assert.deepEqual(shown(), ["far", "end"])
})

test("the person's own is taken from old news too, what all share is not", async () => {
  session.hear({ type: "conversation.updated", conversation: "c1", version: 9, item: conversation({ version: 9, title: "new", current_message: "a1" }) })
  session.take([answer({ id: "a2", parent: "q1", version: 3, position: 3, content: "Another" })])
  const old = conversation({ version: 8, title: "old", draft: "Dear Ben", read_position: 4, place: "q1", current_message: "a2" })
  session.hear({ type: "conversation.updated", conversation: "c1", version: 8, item: old })
  const { title, draft, read_position, place, current_message } = session.conversation
  assert.deepEqual({ title, draft, read_position, place, current_message }, { title: "new", draft: "Dear Ben", read_position: 4, place: "q1", current_message: "a2" })
  await settled()
  assert.deepEqual(shown(), ["q1", "a2"])
})

test("who has said something since is not taken back to where they stood before", async () => {
  session.hear({ type: "message.created", conversation: "c1", version: 4, message: message({ id: "q2", version: 4, position: 4, content: "Instead" }) })
  session.conversation = { ...session.conversation, version: 4, current_message: "q2" }
  session.hear({ type: "conversation.updated", conversation: "c1", version: 3, item: conversation({ version: 3, draft: "Dear Ben", current_message: "a1" }) })
  await settled()
  assert.deepEqual([session.conversation.current_message, session.conversation.draft, shown()], ["q2", "Dear Ben", ["q2"]])
})
