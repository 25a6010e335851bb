import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { ApiError } from "lib/api.js"
import { ConversationSession } from "models/conversation-session.js"
import { DraftSync } from "models/draft-sync.js"
import { NewLine } from "models/new-line.js"
import { OwnPlace } from "models/own-place.js"

import { answer, conversation, FakeApi, FakeSocket, memoryStorage, message, settled } from "./shapes.mjs"

const BEN = { id: "ben", name: "Ben" }
const QUESTION = message({ id: "q1", version: 2, position: 2, author: BEN })
const ANSWER = answer({ id: "a1", parent: "q1", version: 3, position: 3 })

let api, session, own, timers, now

beforeEach(() => opened({}))

async function opened(fields) {
  const { items = [ANSWER, QUESTION], ...others } = fields
  api = new FakeApi({
    "GET conversations/c1": conversation({ version: 3, people: 2, ...others }),
    "GET conversations/c1/members": { items: [], invited: [] },
    "GET conversations/c1/messages": { items, next: null },
    "PATCH conversations/c1": ({ draft = "" }) => conversation({ version: 3, draft }),
  })
  session = new ConversationSession("c1", { api, socket: new FakeSocket(), settings: { model: "gemini", system_prompt: "", parameters: {} }, me: { id: "ada", name: "Ada" }, now: () => now })
  now = 0
  timers = []
  own = new OwnPlace(session, { api, now: () => now, later })
}

function later(work, ms) {
  const timer = { at: now + ms, work }
  timers.push(timer)
  return () => (timers = timers.filter((other) => other !== timer))
}

async function pass(ms) {
  now += ms
  const due = timers.filter(({ at }) => at <= now)
  timers = timers.filter(({ at }) => at > now)
  await Promise.all(due.map(({ work }) => work()))
}

const told = () => api.sent("PATCH", "conversations/c1").map(({ body }) => body)

test("what was seen is told after a second, together, and only forwards", async () => {
  await session.open()
  own.read(ANSWER)
  own.read(QUESTION)
  assert.deepEqual(told(), [])
  await pass(1000)
  assert.deepEqual(told(), [{ read: "a1" }])
  own.read(ANSWER)
  await pass(1000)
  assert.equal(told().length, 1)
})

test("what the server knows as read is not told again", async () => {
  await opened({ read_position: 3 })
  await session.open()
  own.read(ANSWER)
  await pass(1000)
  assert.deepEqual(told(), [])
})

test("a draft is told when the typing rests, the place after two seconds, all of it on leaving", async () => {
  await session.open()
  own.write("H")
  await pass(1000)
  own.write("He")
  await pass(1000)
  assert.deepEqual(told(), [])
  await pass(500)
  assert.deepEqual(told(), [{ draft: "He" }])
  own.stand("q1")
  own.write("Hel")
  await own.flush(true)
  assert.deepEqual(told()[1], { place: "q1", draft: "Hel" })
  await pass(5000)
  assert.equal(told().length, 2)
})

test("what could not be told goes with the next, unless that is newer", async () => {
  await session.open()
  const works = api.answers["PATCH conversations/c1"]
  api.answers["PATCH conversations/c1"] = new ApiError(0, { code: "offline", detail: "" })
  own.write("Hello")
  own.stand("q1")
  await own.flush()
  api.answers["PATCH conversations/c1"] = works
  own.write("Hello you")
  await own.flush()
  assert.deepEqual(told().at(-1), { place: "q1", draft: "Hello you" })
})

test("standing at the end is no place, and a new chat has none", async () => {
  own.stand("q1")
  own.write("Hi")
  await session.open()
  own.stand(null)
  await own.flush()
  assert.deepEqual(told(), [])
})

test("the server's draft fills an empty box; what was typed here since is newer", () => {
  const sync = new DraftSync(memoryStorage(), "ada", () => 0)
  assert.deepEqual(sync.merged("c1", "", "from the phone"), { text: "from the phone", isNews: false })
  assert.deepEqual(sync.merged("c1", "from the phone, and more", "from the phone"), { text: "from the phone, and more", isNews: true })
  assert.deepEqual(sync.merged("c1", "from the phone", ""), { text: "", isNews: false })
  assert.deepEqual(new DraftSync(memoryStorage(), "ada").merged("c1", "local", "other"), { text: "local", isNews: true })
})

test("what this page told is no news when it comes back late", () => {
  let at = 0
  const sync = new DraftSync(memoryStorage(), "ada", () => at)
  sync.agree("c1", "a")
  sync.agree("c1", "ab")
  assert.deepEqual(sync.merged("c1", "ab", "a"), { text: "ab", isNews: false })
  at = 11_000
  assert.deepEqual(sync.merged("c1", "ab", "a"), { text: "ab", isNews: false })
  assert.deepEqual(sync.merged("c1", "ab", "ab"), { text: "ab", isNews: false })
  assert.deepEqual(sync.merged("c1", "ab", "a"), { text: "a", isNews: false })
})

test("a tab in which nobody typed takes the draft of another tab, and never writes over it", () => {
  const store = memoryStorage()
  const [idle, typing] = [new DraftSync(store, "ada"), new DraftSync(store, "ada")]
  for (const tab of [idle, typing]) tab.merged("c1", tab.read("c1"), "")
  typing.type("c1")
  typing.keep("c1", "hello")
  typing.agree("c1", "hello", "hello")
  idle.keep("c1", "")
  assert.equal(new DraftSync(store, "ada").read("c1"), "hello")
  assert.deepEqual(idle.merged("c1", "", "hello"), { text: "hello", isNews: false })
})

test("what another tab has not told yet outlives a tab that takes the server's draft", () => {
  const store = memoryStorage()
  const [idle, typing] = [new DraftSync(store, "ada"), new DraftSync(store, "ada")]
  for (const tab of [idle, typing]) tab.read("c1")
  typing.type("c1")
  typing.keep("c1", "hello you")
  assert.equal(idle.merged("c1", "", "hello").text, "hello")
  idle.keep("c1", "hello")
  const reloaded = new DraftSync(store, "ada")
  assert.deepEqual(reloaded.merged("c1", reloaded.read("c1"), "hello"), { text: "hello you", isNews: true })
})

test("what was agreed on is kept by nobody; what was typed since is", () => {
  const store = memoryStorage()
  const [first, second] = [new DraftSync(store, "ada"), new DraftSync(store, "ada")]
  for (const tab of [first, second]) tab.type("c1")
  first.agree("c1", "one", "one")
  second.keep("c1", "one two")
  first.keep("c1", "one")
  assert.equal(first.read("c1"), "one two")
})

test("a text goes above the draft of a chat that is not on screen", () => {
  const sync = new DraftSync(memoryStorage(), "ada")
  sync.add("c1", "said before")
  sync.add("c1", "said first")
  assert.equal(sync.read("c1"), "said first\n\nsaid before")
})

test("one thing is told after the other, and until then the server's draft is known to be older", async () => {
  await session.open()
  await settled()
  const answered = []
  api.answers["PATCH conversations/c1"] = ({ draft }) => new Promise((resolve) => answered.push(() => resolve(conversation({ version: 3, draft }))))
  const drafts = []
  session.addEventListener("changed", () => drafts.push([session.conversation.draft, own.tellsDraft]))
  own.write("hello")
  const first = own.flush()
  await Promise.resolve()
  own.write("")
  const second = own.flush()
  assert.deepEqual(told(), [{ draft: "hello" }])
  answered[0]()
  await first
  await settled()
  assert.deepEqual(told(), [{ draft: "hello" }, { draft: "" }])
  answered[1]()
  await second
  const late = drafts.filter(([draft]) => draft === "hello")
  assert.deepEqual([late.length > 0, late.every(([, tells]) => tells), own.tellsDraft], [true, true, false])
})

test("a page that goes away waits for nothing, and says again what was on its way", async () => {
  await session.open()
  api.answers["PATCH conversations/c1"] = () => new Promise(() => {})
  own.stand("q1")
  own.write("hel")
  own.flush()
  await Promise.resolve()
  own.write("hello")
  own.flush(true)
  assert.deepEqual(told().at(-1), { place: "q1", draft: "hello" })
})

test("the line stands above the first message that others wrote since the last visit", async () => {
  const mine = message({ id: "q2", parent: "a1", version: 4, position: 4 })
  const theirs = message({ id: "q3", parent: "q2", version: 5, position: 5, author: BEN })
  await opened({ version: 5, read_position: 3, unread: 1, items: [theirs, mine, ANSWER, QUESTION] })
  const line = new NewLine(session)
  await session.open()
  assert.deepEqual([line.first?.id, line.count, line.isWanted, line.isAbove], ["q3", 1, true, false])
  line.seen()
  assert.deepEqual([line.first?.id, line.isWanted], ["q3", false])
  line.clear()
  assert.equal(line.first, undefined)
})

test("what comes while nobody looks is new; what comes before one's eyes is not", async () => {
  await opened({ read_position: 3 })
  const line = new NewLine(session)
  await session.open()
  line.watch(true)
  session.take([message({ id: "q2", parent: "a1", version: 4, position: 4, author: BEN })])
  assert.equal(line.first, undefined)
  line.watch(false)
  session.take([message({ id: "q3", parent: "q2", version: 5, position: 5 })])
  assert.equal(line.first, undefined)
  session.take([message({ id: "q4", parent: "q3", version: 6, position: 6, author: BEN })])
  session.take([message({ id: "q5", parent: "q4", version: 7, position: 7, author: BEN })])
  assert.deepEqual([line.first?.id, line.count], ["q4", 2])
  line.seen()
  session.take([message({ id: "q6", parent: "q5", version: 8, position: 8, author: BEN })])
  assert.deepEqual([line.first?.id, line.isWanted], ["q6", true])
})

test("an answer that one waits for is no news, whoever else takes part", async () => {
  await opened({ read_position: 3, people: 2 })
  const line = new NewLine(session)
  await session.open()
  line.watch(false)
  const completion = { ...ANSWER.completion, requested_by: session.me.id }
  session.take([message({ id: "a2", parent: "a1", role: "assistant", author: null, version: 4, position: 4, completion })])
  assert.equal(line.first, undefined)
})

test("new messages above what was read of the conversation are further up", async () => {
  await opened({ version: 9, read_position: 1, unread: 60, items: [ANSWER, { ...QUESTION, parent: "q0" }] })
  api.answers["GET conversations/c1/messages"].next = "CURSOR"
  const line = new NewLine(session)
  await session.open()
  assert.equal(line.isAbove, true)
})
