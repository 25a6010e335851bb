import assert from "node:assert/strict"
import { test } from "node:test"

import { counted, dollars } from "lib/figures.js"
import { chord } from "lib/keys.js"
import { hueOf, initials } from "lib/people.js"
import { dayName, duration, greeting } from "lib/time.js"
import { format, uuid } from "lib/uuid.js"
import { CatchUp } from "models/catch-up.js"
import { Drafts } from "models/draft.js"
import { LiveWatch } from "models/live-watch.js"
import { isFresh, Outbox } from "models/outbox.js"

import { memoryStorage } from "./shapes.mjs"

test("drafts are kept for each conversation and each person", () => {
  const store = memoryStorage()
  new Drafts(store, "ada").write("c1", "Hello")
  new Drafts(store, "ada").write(null, "New")
  assert.equal(new Drafts(store, "ada").read("c1"), "Hello")
  assert.equal(new Drafts(store, "ada").read(null), "New")
  assert.equal(new Drafts(store, "ben").read("c1"), "")
})

test("an empty draft is forgotten, and broken storage is no draft", () => {
  const store = memoryStorage()
  const drafts = new Drafts(store, "ada")
  drafts.write("c1", "Hello")
  drafts.write("c1", "")
  assert.equal(store.getItem("drafts:ada"), "{}")
  store.setItem("drafts:ada", "{nonsense")
  assert.equal(drafts.read("c1"), "")
})

test("only the newest two hundred drafts are kept", () => {
  const drafts = new Drafts(memoryStorage(), "ada")
  for (let number = 0; number < 201; number++) drafts.write(`c${number}`, "x")
  assert.deepEqual([drafts.read("c0"), drafts.read("c200")], ["", "x"])
})

test("the outbox keeps what is on its way until it has arrived", () => {
  const outbox = new Outbox(memoryStorage(), "ada")
  const parcel = { id: "m1", conversation: "c1", parent: null, content: "Hello", opens: { model: "g", system_prompt: "", parameters: {} }, sentAt: 0, problem: null }
  outbox.keep(parcel)
  assert.deepEqual(outbox.of(null).map(({ id }) => id), ["m1"])
  outbox.opened("c1")
  outbox.mark("m1", { code: "offline", detail: "…" })
  assert.deepEqual([outbox.of(null), outbox.of("c1")[0].problem.code], [[], "offline"])
  outbox.done("m1")
  assert.deepEqual(outbox.all(), [])
})

test("only what was sent a moment ago and did not fail goes out again by itself", () => {
  assert.equal(isFresh({ sentAt: 0, problem: null }, 60_000), true)
  assert.equal(isFresh({ sentAt: 0, problem: null }, 3_600_000), false)
  assert.equal(isFresh({ sentAt: 0, problem: { code: "offline", detail: "" } }, 1), false)
})

function watch() {
  let now = 0
  const asked = []
  let given = 0
  const made = new LiveWatch({ ask: (id) => asked.push([id, now]), giveUp: () => given++, now: () => now })
  return { made, asked, given: () => given, to: (time) => (now = time) }
}

test("a silent answer is asked after, less and less often, then the connection is renewed", () => {
  const { made, asked, given, to } = watch()
  for (let second = 0; second <= 60; second++) {
    to(second * 1000)
    made.tick(["a1"])
  }
  assert.deepEqual(asked.slice(0, 3).map(([, time]) => time), [3000, 9000, 21_000])
  assert.equal(given(), 1)
})

test("an answer that speaks is not asked after", () => {
  const { made, asked, to } = watch()
  for (let second = 0; second <= 30; second++) {
    to(second * 1000)
    made.heard("a1")
    made.tick(["a1"])
  }
  assert.deepEqual(asked, [])
})

test("missing pieces are asked for at once, but not for each later piece", () => {
  const { made, asked, to } = watch()
  for (const time of [1000, 1100, 1500, 1800]) {
    to(time)
    made.missing("a1")
  }
  assert.deepEqual(asked.map(([, time]) => time), [1000, 1800])
})

test("a hole that showed right after a question is asked for a little later, even if nothing more comes", () => {
  const { made, asked, to } = watch()
  to(1000)
  made.question("a1")
  to(1200)
  made.missing("a1")
  for (const time of [1500, 2000, 3000]) {
    to(time)
    made.tick(["a1"])
  }
  assert.deepEqual(asked.map(([, time]) => time), [1000, 2000])
})

test("one question at a time, and one more for all that was missed meanwhile", async () => {
  let asked = 0
  const catchUp = new CatchUp(async () => void asked++, async () => {})
  await Promise.all([catchUp.need(), catchUp.need(), catchUp.need()])
  assert.equal(asked, 2)
})

test("a question that fails can be asked again later", async () => {
  let asked = 0
  const catchUp = new CatchUp(async () => {
    if (!asked++) throw new Error("offline")
    return false
  })
  await assert.rejects(catchUp.need())
  await catchUp.need()
  assert.equal(asked, 2)
})

test("figures carry their units", () => {
  assert.deepEqual([counted(1, "token"), counted(1842, "token"), dollars(21_000), dollars(12_400_000), dollars(5)], ["1 token", "1,842 tokens", "$0.021", "$12.40", "under $0.001"])
})

test("a person has the server's colour", () => {
  assert.deepEqual(["00000000-0000-0000-0000-000000000007", "ffffffff-ffff-4fff-bfff-ffffffffffff"].map(hueOf), ["3", "1"])
})

test("initials of any name", () => {
  assert.deepEqual(["Mira Vogel", "Ada", "한준서", "José Luis García", "", "👩‍🚀 Sam"].map(initials), ["MV", "A", "준서", "JG", "?", "👩S"])
})

test("days and durations in words", () => {
  const now = new Date(2026, 10, 21, 15)
  assert.equal(dayName(new Date(2026, 10, 21, 0, 1), now), "Today, 21 November")
  assert.equal(dayName(new Date(2026, 10, 20, 23), now), "Yesterday, 20 November")
  assert.equal(dayName(new Date(2025, 4, 3), now), "3 May 2025")
  assert.deepEqual([duration(8430), duration(125_000)], ["8.4 s", "2 min 5 s"])
  assert.deepEqual([3, 9, 14, 22].map(greeting), ["Good evening", "Good morning", "Good afternoon", "Good evening"])
})

test("key presses have names that do not depend on the platform", () => {
  assert.equal(chord({ key: "K", metaKey: true }), "mod+k")
  assert.equal(chord({ key: ":", code: "Semicolon", ctrlKey: true, shiftKey: true }), "mod+shift+;")
  assert.equal(chord({ key: "Escape", shiftKey: true }), "shift+Escape")
})

test("ids are version 4 UUIDs, with or without a secure context", () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  assert.match(uuid(), shape)
  assert.match(format(new Uint8Array(16).fill(255)), shape)
})
