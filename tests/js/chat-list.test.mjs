import assert from "node:assert/strict"
import { test } from "node:test"

import { ChatList } from "models/chat-list.js"
import { groupByDay } from "models/day-groups.js"
import { countWords } from "models/unread.js"

import { answer, conversation, FakeApi } from "./shapes.mjs"

const chat = (id, fields) => conversation({ id, title: id, ...fields })
const ids = (list) => list.items().map(({ id }) => id)

const said = (id, { version = 2, author = { id: "ben", name: "Ben" }, ...fields } = {}) => ({ type: "message.created", conversation: id, version, message: { status: "completed", created_at: "2026-11-21T12:00:00Z", author, ...fields } })

async function listOf(items, { pinned = [], next = null } = {}) {
  const api = new FakeApi({
    "GET conversations": (_, path) => (path.includes("pinned=true") ? { items: pinned, next: null } : { items, next }),
  })
  const list = new ChatList(api, "ada")
  await list.refresh()
  return { list, api }
}

test("newest activity comes first, whatever order it arrives in", async () => {
  const { list } = await listOf([chat("old", { updated_at: "2026-11-20T10:00:00Z" }), chat("new", { updated_at: "2026-11-21T10:00:00Z" })])
  list.put(chat("newest", { updated_at: "2026-11-21T11:00:00Z" }))
  assert.deepEqual(ids(list), ["newest", "new", "old"])
})

test("pinned ones are there although they are older than the page", async () => {
  const { list } = await listOf([chat("new")], { pinned: [chat("p", { pinned: true, updated_at: "2020-01-01T00:00:00Z" })] })
  assert.deepEqual(ids(list), ["new", "p"])
})

test("the next page is asked for with the cursor and added", async () => {
  const { list, api } = await listOf([chat("a")], { next: "CURSOR" })
  api.answers["GET conversations"] = { items: [chat("b")], next: null }
  await list.more()
  assert.match(api.calls.at(-1).path, /before=CURSOR/)
  assert.deepEqual([ids(list).length, list.hasMore], [2, false])
})

test("a search asks the server and shows only what it found", async () => {
  const { list, api } = await listOf([chat("a")])
  api.answers["GET conversations"] = { items: [chat("found")], next: null }
  await list.select({ search: "fo & o" })
  assert.match(api.calls.at(-1).path, /q=fo\+%26\+o/)
  assert.deepEqual(ids(list), ["found"])
})

test("old news of a conversation do not undo newer ones", async () => {
  const { list } = await listOf([chat("a", { version: 5, title: "new" })])
  list.put(chat("a", { version: 4, title: "old" }))
  assert.equal(list.get("a").title, "new")
})

test("what is the person's own counts in old news too, and what they have read never goes back", async () => {
  const { list } = await listOf([chat("a", { version: 5, title: "new", read_position: 3, unread: 2 })])
  const own = { pinned: true, draft: "Dear Ben", place: "m2", current_message: "m3", role: "writer" }
  list.put(chat("a", { version: 4, title: "old", people: 9, read_position: 5, unread: 0, ...own }))
  const { title, people, version, read_position, unread } = list.get("a")
  assert.deepEqual({ title, people, version, read_position, unread }, { title: "new", people: 1, version: 5, read_position: 5, unread: 0 })
  assert.deepEqual({ ...list.get("a"), ...own }, list.get("a"))
  list.put(chat("a", { version: 6, read_position: 1, unread: 1 }))
  assert.deepEqual([list.get("a").read_position, list.get("a").unread], [5, 1])
})

test("old news of something else of one's own do not hide what was said since", async () => {
  const { list } = await listOf([chat("a", { version: 4, read_position: 4 })])
  list.hear(said("a", { version: 5 }))
  list.put(chat("a", { version: 4, read_position: 4, unread: 0, pinned: true }))
  assert.deepEqual([list.get("a").unread, list.get("a").pinned], [1, true])
})

test("what another tab puts away goes, although something was said meanwhile", async () => {
  const { list } = await listOf([chat("a", { version: 4 })])
  list.hear(said("a", { version: 5 }))
  list.put(chat("a", { version: 4, archived: true }))
  assert.deepEqual(ids(list), [])
})

test("what was told while a page was read is not overwritten by the page", async () => {
  const { list, api } = await listOf([chat("a")])
  const waiting = []
  api.answers["GET conversations"] = () => new Promise((resolve) => waiting.push(resolve))
  const reading = list.refresh()
  list.put(chat("a", { version: 2, title: "renamed" }))
  list.put(chat("made", { version: 1 }))
  for (const resolve of waiting) resolve({ items: [chat("a", { version: 1 })], next: null })
  await reading
  assert.equal(list.get("a").title, "renamed")
  assert.ok(list.get("made"))
})

test("archiving takes it out of the list, and into the other", async () => {
  const { list } = await listOf([chat("a")])
  list.put(chat("a", { archived: true }))
  assert.deepEqual(ids(list), [])
  await list.select({ filter: "archived" })
  list.put(chat("b", { archived: true }))
  assert.ok(ids(list).includes("b"))
})

test("an answer that begins marks its conversation and lifts it up, its end takes the mark away", async () => {
  const { list } = await listOf([chat("a"), chat("b", { updated_at: "2026-11-20T10:00:00Z" })])
  list.hear({ type: "message.created", conversation: "b", message: { status: "queued", created_at: "2026-11-21T12:00:00Z" } })
  assert.deepEqual([ids(list)[0], list.get("b").running], ["b", true])
  list.hear({ type: "completion.finished", conversation: "b", message: { status: "completed" } })
  assert.equal(list.get("b").running, false)
  assert.equal(list.hear({ type: "message.created", conversation: "zz", message: { status: "queued" } }), false)
})

test("what others and the model say counts as unread, what oneself says does not", async () => {
  const { list } = await listOf([chat("a")])
  list.hear(said("a"))
  list.hear(said("a", { version: 3, author: null, status: "queued" }))
  list.hear(said("a", { version: 4, author: { id: "ada", name: "Ada" } }))
  assert.deepEqual([list.get("a").unread, list.unread.count()], [2, 1])
})

test("a message that the conversation's own news counted is not counted again", async () => {
  const { list } = await listOf([chat("a")])
  list.put(chat("a", { version: 2, unread: 1 }))
  list.hear(said("a"))
  assert.equal(list.get("a").unread, 1)
})

test("older news of a conversation do not take back what was counted, reading does", async () => {
  const { list } = await listOf([chat("a")])
  list.hear(said("a"))
  list.put(chat("a", { version: 1, unread: 0 }))
  assert.equal(list.get("a").unread, 1)
  list.put(chat("a", { version: 2, unread: 0, read_position: 2 }))
  assert.deepEqual([list.get("a").unread, list.unread.count()], [0, 0])
})

test("each filter asks for its own and takes in only what belongs to it", async () => {
  const { list, api } = await listOf([])
  await list.select({ filter: "shared" })
  assert.match(api.calls.at(-1).path, /whose=shared&archived=false/)
  list.put(chat("own"))
  list.put(chat("bens", { role: "reader" }))
  assert.deepEqual(ids(list), ["bens"])
  await list.select({ filter: "mine" })
  list.put(chat("own"))
  list.put(chat("bens", { role: "reader" }))
  assert.deepEqual(ids(list), ["own"])
  list.put(chat("own", { role: "writer", version: 2 }))
  assert.deepEqual(ids(list), [])
})

test("what another filter does not show goes before its list has come", async () => {
  const { list, api } = await listOf([chat("own"), chat("bens", { role: "writer" })])
  api.answers["GET conversations"] = () => new Promise(() => {})
  list.select({ filter: "shared" })
  assert.deepEqual(ids(list), ["bens"])
})

test("what a filter or a search hides is known all the same: news of it are heard, not asked for", async () => {
  const { list, api } = await listOf([chat("own"), chat("bens", { role: "writer" })])
  await list.select({ filter: "mine" })
  api.answers["GET conversations"] = { items: [chat("own")], next: null }
  await list.refresh()
  assert.deepEqual([ids(list), list.hear(said("bens")), list.get("bens").unread], [["own"], true, 1])
  list.put(chat("cyds", { role: "reader" }))
  assert.deepEqual([ids(list), list.hear(said("cyds"))], [["own"], true])
  await list.select({ search: "nothing like it" })
  list.put(chat("new"))
  assert.deepEqual([ids(list), list.hear(said("new", { version: 3 }))], [["own"], true])
})

test("what a search found and does not find any more goes, what it found by a person's name stays", async () => {
  const { list, api } = await listOf([chat("own")])
  api.answers["GET conversations"] = { items: [chat("with Bart")], next: null }
  await list.select({ search: "barthol" })
  list.put(chat("with Bart", { version: 2 }))
  assert.deepEqual(ids(list), ["with Bart"])
  await list.select({ search: "" })
  api.answers["GET conversations"] = { items: [], next: null }
  await list.refresh()
  assert.deepEqual(ids(list), [])
})

test("a conversation that is not known is read once, however much is said in it meanwhile", async () => {
  const { list, api } = await listOf([])
  let arrive
  api.answers["GET conversations/old"] = () => new Promise((resolve) => (arrive = () => resolve(chat("old", { version: 2, unread: 1, running: true }))))
  const frames = [said("old"), said("old", { version: 3 }), { type: "completion.finished", conversation: "old", version: 4, message: answer({ version: 4 }) }]
  const reading = frames.map((frame) => list.hear(frame) || list.fetch(frame))
  arrive()
  await Promise.all(reading)
  assert.equal(api.sent("GET", "conversations/old").length, 1)
  const { unread, running, version } = list.get("old")
  assert.deepEqual({ unread, running, version }, { unread: 2, running: false, version: 4 })
})

test("what is unread elsewhere counts although a kept filter hides it from the beginning", async () => {
  const whose = { mine: [chat("own")], all: [chat("own"), chat("bens", { role: "writer", unread: 2 })] }
  const api = new FakeApi({ "GET conversations": (_, path) => ({ items: path.includes("pinned") ? [] : whose[path.includes("whose=mine") ? "mine" : "all"], next: null }) })
  const list = new ChatList(api, "ada")
  list.filter = "mine"
  await list.refresh()
  assert.deepEqual([ids(list), list.unread.count()], [["own"], 1])
})

test("an answer that was taken back before its first word is not unread any more", async () => {
  const { list } = await listOf([chat("a")])
  list.hear(said("a", { author: null, status: "queued", position: 2 }))
  const end = { type: "completion.finished", conversation: "a", version: 3, message: answer({ status: "stopped", position: 2 }) }
  list.hear(end)
  list.hear(end)
  assert.deepEqual([list.get("a").unread, list.unread.count()], [0, 0])
  list.hear(said("a", { version: 4, author: null, status: "queued", position: 4 }))
  list.hear({ ...end, version: 5, message: answer({ status: "stopped", content: "Well", position: 4 }) })
  assert.equal(list.get("a").unread, 1)
})

test("unread chats are counted whatever part of the list is on screen, but not archived ones", async () => {
  const { list, api } = await listOf([chat("a", { unread: 3 }), chat("b")])
  const archived = chat("old", { archived: true, unread: 5 })
  api.answers["GET conversations"] = (_, path) => ({ items: path.includes("archived=true") ? [archived] : [chat("a", { unread: 3 }), chat("b")], next: null })
  await list.select({ filter: "archived" })
  list.put(chat("b", { unread: 1 }))
  assert.deepEqual([ids(list), list.unread.count(), list.unread.count("a")], [["old"], 2, 1])
})

test("an unread chat that is gone is not counted for ever", async () => {
  const { list, api } = await listOf([chat("a", { unread: 3 }), chat("b", { unread: 1 })])
  list.remove("b")
  assert.equal(list.unread.count(), 1)
  api.answers["GET conversations"] = { items: [], next: null }
  await list.refresh()
  assert.equal(list.unread.count(), 0)
})

test("what is older than the newest page stays counted when that is read again", async () => {
  const { list, api } = await listOf([chat("new")], { next: "CURSOR" })
  api.answers["GET conversations"] = { items: [chat("old", { unread: 1, updated_at: "2026-01-01T00:00:00Z" })], next: null }
  await list.more()
  api.answers["GET conversations"] = { items: [chat("new")], next: "CURSOR" }
  await list.refresh()
  assert.equal(list.unread.count(), 1)
})

test("counts in a few characters", () => {
  assert.deepEqual([0, 4, 99, 100].map(countWords), ["", "4", "99", "99+"])
})

test("groups: pinned, today, yesterday, weeks, months", () => {
  const now = new Date(2026, 10, 21, 15)
  const day = (days) => new Date(2026, 10, 21 - days, 9).toISOString()
  const items = [chat("p", { pinned: true, updated_at: day(90) }), ...[0, 1, 2, 7, 8, 30, 31, 400].map((days) => chat(`d${days}`, { updated_at: day(days) }))]
  const groups = groupByDay(items, now).map(({ name, items: some }) => `${name}: ${some.map(({ id }) => id)}`)
  assert.deepEqual(groups, ["Pinned: p", "Today: d0", "Yesterday: d1", "Previous 7 days: d2,d7", "Previous 30 days: d8,d30", "October: d31", "October 2025: d400"])
})
