import assert from "node:assert/strict"
import { test } from "node:test"

import { ConversationStore } from "models/conversation-store.js"

import { answer, message } from "./shapes.mjs"

function store(...messages) {
  const made = new ConversationStore()
  for (const each of messages) made.put(each)
  made.head = messages.at(-1)?.id ?? null
  return made
}

const ids = (messages) => messages.map(({ id }) => id)

test("the path leads from the oldest known message to the head", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1" }), message({ id: "q2", parent: "a1" }))
  assert.deepEqual(ids(it.path()), ["q1", "a1", "q2"])
})

test("a path whose upper part was not read begins where knowledge begins", () => {
  const it = store(answer({ id: "a7", parent: "q7" }), message({ id: "q8", parent: "a7" }))
  assert.deepEqual(ids(it.path()), ["a7", "q8"])
})

test("versions keep the server's order and add what only the page knows at the end", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1", siblings: ["a1", "a2"] }), answer({ id: "mine", parent: "q1", siblings: [] }))
  assert.deepEqual(it.versions("a1"), ["a1", "a2", "mine"])
})

test("an old row's shorter list of versions does not hide newer ones", () => {
  const it = store(answer({ id: "a2", parent: "q1", siblings: ["a1", "a2"] }), answer({ id: "a1", parent: "q1", siblings: ["a1"] }))
  assert.deepEqual(it.versions("a2"), ["a1", "a2"])
})

test("the leaf below a message goes through its newest known children", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1", siblings: ["a1", "a2"] }), answer({ id: "a2", parent: "q1", siblings: ["a1", "a2"] }), message({ id: "q2", parent: "a1" }))
  assert.equal(it.leafOf("q1"), "a2")
  assert.equal(it.leafOf("a1"), "q2")
})

test("a row that is older than the known one changes nothing", () => {
  const it = store(message({ id: "q1", version: 5, content: "new" }))
  assert.equal(it.put(message({ id: "q1", version: 4, content: "old" })), false)
  assert.equal(it.get("q1").content, "new")
})

test("a checkpoint that is shorter than the streamed text keeps the streamed text", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "Hello wor" }))
  it.put(answer({ id: "a1", status: "streaming", content: "Hel" }))
  assert.equal(it.get("a1").content, "Hello wor")
})

test("the final row wins, also when its text is shorter", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "Hello wor", version: 2 }))
  it.put(answer({ id: "a1", status: "stopped", content: "Hello", version: 3 }))
  assert.deepEqual([it.get("a1").content, it.get("a1").status], ["Hello", "stopped"])
})

test("a final answer never goes back to being written", () => {
  const it = store(answer({ id: "a1", status: "completed", content: "Hello", version: 2 }))
  assert.equal(it.put(answer({ id: "a1", status: "streaming", content: "He", version: 2 })), false)
})

test("pieces that fit are added, known ones ignored, holes reported", () => {
  const it = store(answer({ id: "a1", status: "queued" }))
  assert.equal(it.grow("a1", 0, "Hello"), "grown")
  assert.equal(it.grow("a1", 3, "lo w"), "grown")
  assert.equal(it.grow("a1", 0, "Hello"), "known")
  assert.equal(it.grow("a1", 20, "!"), "gap")
  assert.equal(it.grow("zz", 0, "!"), "unknown")
  assert.equal(it.get("a1").content, "Hello w")
  assert.equal(it.get("a1").status, "streaming")
})

test("positions count UTF-16 units, so emoji cut nothing", () => {
  const it = store(answer({ id: "a1", status: "streaming" }))
  it.grow("a1", 0, "👩‍👩‍👧 한국")
  assert.equal(it.grow("a1", "👩‍👩‍👧 한국".length, "어"), "grown")
  assert.equal(it.get("a1").content, "👩‍👩‍👧 한국어")
})

test("pieces in any order and twice, with the holes asked for, make the whole text", () => {
  const text = "The quick brown 🦊 jumps over the lazy 🐕, 예"
  for (let seed = 1; seed <= 200; seed++) {
    const it = store(answer({ id: "a1", status: "streaming" }))
    const random = lcg(seed)
    for (let round = 0; round < 60; round++) {
      const from = Math.floor(random() * text.length)
      const growth = it.grow("a1", from, text.slice(from, from + 1 + Math.floor(random() * 6)))
      if (growth === "gap" && random() < 0.5) it.grow("a1", it.get("a1").content.length, text.slice(it.get("a1").content.length, from + 3))
      assert.ok(text.startsWith(it.get("a1").content), `seed ${seed}`)
    }
  }
})

test("a version that skips says that something was missed", () => {
  const it = store()
  it.version = 4
  assert.equal(it.advance(5), true)
  assert.equal(it.advance(5), true)
  assert.equal(it.advance(3), true)
  assert.equal(it.advance(7), false)
  assert.equal(it.version, 5)
})

test("a message that never reached the server gives way to what was there before", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1" }))
  it.put(message({ id: "edit", sending: "failed" }))
  it.head = "edit"
  it.drop("edit")
  assert.deepEqual([it.head, it.versions("q1")], ["a1", ["q1"]])
})

test("the server's row replaces the one that was on its way", () => {
  const it = store(message({ id: "q1", version: 0, sending: "pending" }))
  it.put(message({ id: "q1", version: 7 }))
  assert.equal(it.get("q1").sending, undefined)
})

const piece = (it, offset, text) => it.grow("a1", offset, text)

test("a piece beyond a hole is kept until the hole is filled, in whatever order and however far", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "one " }))
  assert.deepEqual([piece(it, 14, "four "), piece(it, 8, "three "), piece(it, 30, "late")], ["gap", "gap", "gap"])
  assert.equal(piece(it, 4, "two "), "grown")
  assert.equal(it.get("a1").content, "one two three four ")
  assert.equal(piece(it, 19, "five"), "grown")
  assert.equal(it.get("a1").content, "one two three four five")
})

test("a question that is answered twice, first by who knows less, leaves the whole text", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "one " }))
  piece(it, 14, "four ")
  assert.equal(piece(it, 4, "tw"), "grown")
  assert.equal(it.get("a1").content, "one tw")
  assert.equal(piece(it, 4, "two three "), "grown")
  assert.equal(it.get("a1").content, "one two three four ")
})

test("a running answer that was begun again is taken as it is, and grows from there", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "Hello wor", version: 2 }))
  assert.equal(it.put(answer({ id: "a1", status: "queued", content: "", version: 3 })), true)
  assert.deepEqual([it.get("a1").content, it.get("a1").status], ["", "queued"])
  assert.equal(piece(it, 0, "Good "), "grown")
  assert.equal(it.put(answer({ id: "a1", status: "streaming", content: "Hello wor", version: 2 })), false)
  assert.equal(it.get("a1").content, "Good ")
})

test("a late piece of the text before is never joined to the text of now", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "Hello", version: 2 }))
  piece(it, 8, "early and old")
  it.put(answer({ id: "a1", status: "queued", content: "", version: 3 }))
  assert.equal(piece(it, 5, " world"), "gap")
  assert.equal(piece(it, 0, "Good "), "grown")
  assert.equal(piece(it, 5, "day, all"), "grown")
  assert.equal(it.get("a1").content, "Good day, all")
})

test("a piece that contradicts what is here changes nothing until the text has come anew", () => {
  const it = store(answer({ id: "a1", status: "streaming", content: "Hello wor" }))
  assert.equal(piece(it, 5, "day, all"), "other")
  assert.deepEqual([it.get("a1").content, it.wantedFrom("a1")], ["Hello wor", 0])
  assert.equal(piece(it, 13, " of you"), "gap")
  assert.equal(piece(it, 0, "Good day, all of"), "grown")
  assert.deepEqual([it.get("a1").content, it.wantedFrom("a1")], ["Good day, all of", 16])
})

const goingOn = (id, continues, fields) => answer({ id, parent: "q1", completion: { continues }, ...fields })

test("an answer that goes on from another stands in its place and counts alone", () => {
  const it = store(message({ id: "q1" }), answer({ id: "b1", parent: "q1", siblings: ["b1", "a1"] }), answer({ id: "a1", parent: "q1", siblings: ["b1", "a1"] }))
  it.put(goingOn("a2", "a1", { siblings: ["b1", "a2"] }))
  it.put(goingOn("a3", "a2", { siblings: ["b1", "a3"] }))
  assert.deepEqual([it.versions("a3"), it.leafOf("q1"), it.instead("a1"), it.instead("b1")], [["b1", "a3"], "a3", "a3", "b1"])
})

test("an answer below which somebody replied counts beside the one that goes on from it", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1" }), goingOn("a2", "a1", { siblings: ["a2"] }))
  assert.deepEqual(it.versions("a2"), ["a2"])
  it.put(message({ id: "q2", parent: "a1" }))
  assert.deepEqual(it.versions("a2").toSorted(), ["a1", "a2"])
  const other = store(message({ id: "q1" }), goingOn("a2", "a1", { siblings: ["a1", "a2"] }))
  assert.deepEqual(other.versions("a2"), ["a1", "a2"])
})

test("an answer whose continuation never reached the server counts again", () => {
  const it = store(message({ id: "q1" }), answer({ id: "a1", parent: "q1" }))
  it.put(goingOn("mine", "a1", { siblings: [], sending: "pending" }))
  it.head = "mine"
  it.drop("mine")
  assert.deepEqual([it.head, it.versions("a1")], ["a1", ["a1"]])
})

function lcg(seed) {
  let state = seed
  return () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296
}
