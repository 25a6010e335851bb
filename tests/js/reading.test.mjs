// What is new to a person, and what a screen reader and other tabs are told of it.

import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { ConversationSession } from "models/conversation-session.js"
import { NewLine } from "models/new-line.js"
import { OtherTabs } from "models/other-tabs.js"
import { endOf, inShort, isAwaited, newsOf } from "models/spoken.js"

import { answer, conversation, FakeApi, FakeSocket, message, settled } from "./shapes.mjs"

const ADA = { id: "ada", name: "Ada" }
const BEN = { id: "ben", name: "Ben" }
const MEMBERS = [{ user: ADA, role: "owner", joined_at: "1" }, { user: BEN, role: "writer", joined_at: "2" }]

let session, line

beforeEach(async () => {
  const api = new FakeApi({
    "GET conversations/c1": conversation({ version: 2, people: 2, read_position: 2 }),
    "GET conversations/c1/members": { items: MEMBERS, invited: [] },
    "GET conversations/c1/messages": { items: [message({ id: "q1", version: 2, position: 2 })], next: null },
  })
  session = new ConversationSession("c1", { api, socket: new FakeSocket(), settings: { model: "gemini", system_prompt: "", parameters: {} }, me: ADA })
  line = new NewLine(session)
  await session.open()
  await settled()
})

/** @param {string} id @param {string} parent @param {number} at */
const said = (id, parent, at, fields = {}) => message({ id, parent, version: at, position: at, author: BEN, content: id, ...fields })
const answered = (id, parent, at, by, fields = {}) => answer({ id, parent, version: at, position: at, content: "All of it", completion: { requested_by: by }, ...fields })
const told = (...messages) => {
  const news = []
  session.addEventListener("arrived", (event) => news.push(newsOf(session, event.detail.message)))
  session.take(messages)
  return news
}

test("what comes while nobody watches the end has a line, what is watched has none", () => {
  line.watch(true)
  session.take([said("b1", "q1", 3)])
  assert.equal(line.isWanted, false)
  line.watch(false)
  session.take([said("b2", "b1", 4)])
  assert.deepEqual([line.first.id, line.count, line.isWanted], ["b2", 1, true])
  session.take([said("b3", "b2", 5)])
  assert.equal(line.count, 2)
})

test("to look for the line in every frame walks through the conversation only once for every change", () => {
  let walks = 0
  const turns = session.turns.bind(session)
  session.turns = () => (walks++, turns())
  for (let frame = 0; frame < 100; frame++) assert.equal(line.isWanted || line.isAbove, false)
  assert.equal(walks, 0)
  session.take([said("b1", "q1", 3)])
  walks = 0
  for (let frame = 0; frame < 100; frame++) assert.deepEqual([line.isWanted, line.isAbove, line.count], [true, false, 1])
  assert.ok(walks <= 1)
})

test("the whole of an answer is told to who asked for it, of others' only whose it is", () => {
  session.take([answered("a1", "q1", 3, "ada")])
  assert.deepEqual([isAwaited(session, "a1"), endOf(session, "a1")], [true, { words: "The answer is complete.", text: "All of it" }])
  assert.equal(newsOf(session, session.store.get("a1")), "")
  session.take([answered("a2", "a1", 4, "ben"), answered("a3", "a2", 5, "gone"), answered("a4", "a3", 6, "ben", { status: "failed" })])
  assert.deepEqual(["a2", "a3", "a4"].map((id) => isAwaited(session, id)), [false, false, false])
  assert.deepEqual(["a2", "a3", "a4"].map((id) => newsOf(session, session.store.get(id))), ["Gemini answered Ben.", "Gemini answered.", ""])
})

test("what people say is told in their first words, on the branch on screen", () => {
  const long = "word ".repeat(40)
  const news = told(said("b1", "q1", 3, { content: "Hi\n  all" }), said("b2", "b1", 4, { content: long }), said("mine", "b2", 5, { author: ADA }))
  assert.deepEqual(news, ["Ben: Hi all", `Ben: ${"word ".repeat(12).trim()}…`, ""])
  session.take([said("b3", "mine", 6), said("b4", "b3", 7), said("b5", "b4", 8)])
  assert.deepEqual(told(said("elsewhere", null, 9)), [""])
})

test("much at once is a number and the last of it", () => {
  assert.deepEqual([inShort([]), inShort(["Ben: Hi"]), inShort(["Ben: Hi", "Cyd: Ho"])], ["", "Ben: Hi", "2 new messages. Cyd: Ho"])
})

test("a tab knows whether the person looks at another one, and never at itself", async () => {
  const tabs = []
  const channel = () => {
    const heard = []
    tabs.push(heard)
    const postMessage = (data) => tabs.filter((each) => each !== heard).flat().forEach((work) => work({ data }))
    return { postMessage, addEventListener: (_, work) => heard.push(work), close: () => {} }
  }
  let isLookedAt = false
  const here = new OtherTabs(channel(), { isLookedAt: () => true, wait: settled })
  const other = new OtherTabs(channel(), { isLookedAt: () => isLookedAt, wait: settled })
  assert.deepEqual([await here.areLookedAt(), await other.areLookedAt()], [false, true])
  isLookedAt = true
  assert.deepEqual(await Promise.all([here.areLookedAt(), here.areLookedAt()]), [true, true])
})
