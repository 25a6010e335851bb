import assert from "node:assert/strict"
import { test } from "node:test"

import { SharedWatch, waitFor } from "models/shared-watch.js"

const nothing = (version = 1) => ({ version, title: "", messages: [], gone: [], last: 0 })
const ok = (version) => ({ status: 200, retryAfter: 0, changes: nothing(version) })
const failed = (status, retryAfter = 0) => ({ status, retryAfter, changes: null })

/** A watch that gets these answers and then rests; what it asked and how long it waited. */
async function watched(answers, version = 1) {
  const asked = [], waits = [], shown = []
  let ends = 0
  const watch = new SharedWatch({
    version,
    ask: async (since) => {
      asked.push(since)
      const answer = answers.shift()
      if (!answers.length) queueMicrotask(() => queueMicrotask(() => watch.rest()))
      return answer
    },
    changed: (changes) => shown.push(changes.version),
    ended: () => ends++,
    wait: async (ms) => void waits.push(ms),
  })
  await watch.look()
  return { asked, waits, shown, ends, watch }
}

test("it asks from the version that came last, every two seconds", async () => {
  const { asked, waits, shown } = await watched([ok(4), ok(7), ok(7)])
  assert.deepEqual(asked, [1, 4, 7])
  assert.deepEqual(shown.slice(0, 2), [4, 7])
  assert.deepEqual(waits.slice(0, 2), [2000, 2000])
})

test("it waits longer and longer while nothing comes, and not once it does", async () => {
  const { waits, asked } = await watched([failed(0), failed(503), failed(500), ok(2), ok(2)])
  assert.deepEqual(waits.slice(0, 4), [4000, 8000, 16000, 2000])
  assert.deepEqual(asked, [1, 1, 1, 1, 2])
})

test("it waits as long as it is told, and never for ever", async () => {
  const { waits } = await watched([failed(429, 17), ok(2)])
  assert.deepEqual(waits.slice(0, 2), [17000, 4000])
  assert.equal(waitFor(100), 60000)
})

test("a link that does not open any more is said once and asked for no more", async () => {
  const { asked, ends, watch } = await watched([ok(2), failed(404), ok(9)])
  await watch.look()
  assert.deepEqual([asked.length, ends], [2, 1])
})

test("what comes after one has stopped looking is not shown", async () => {
  let answer
  const shown = []
  const watch = new SharedWatch({ version: 1, ask: () => new Promise((resolve) => (answer = resolve)), changed: () => shown.push(1), ended: () => {} })
  const looking = watch.look()
  watch.rest()
  answer(ok(2))
  await looking
  assert.deepEqual(shown, [])
})
