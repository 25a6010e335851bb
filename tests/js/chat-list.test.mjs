import assert from "node:assert/strict"
import { test } from "node:test"

import { ChatList } from "models/chat-list.js"
import { groupByDay } from "models/day-groups.js"
import { countWords } from "models/unread.js"

import { conversation, FakeApi } from "./shapes.mjs"

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

test("unread chats are counted whatever part of the list is on screen, but not archived ones", async () => {
  const { list, api } = await listOf([chat("a", { unread: 3 }), chat("b")])
  api.answers["GET conversations"] = { items: [chat("old", { archived: true, unread: 5 })], next: null }
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
