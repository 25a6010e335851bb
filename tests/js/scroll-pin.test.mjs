import assert from "node:assert/strict"
import { test } from "node:test"

import { follow, ScrollPin } from "models/scroll-pin.js"

const at = (top, height = 2000, view = 500) => ({ top, height, view })

function atTheEnd() {
  const pin = new ScrollPin()
  pin.resized(at(1500))
  return pin
}

test("text that grows never lets go", () => {
  const pin = atTheEnd()
  for (let height = 2000; height < 9000; height += 400) pin.resized(at(1500, height))
  assert.deepEqual([pin.pinned, pin.showsJump], [true, false])
})

test("three pixels upward let go, two do not", () => {
  const pin = atTheEnd()
  pin.scrolled(at(1498))
  assert.equal(pin.pinned, true)
  pin.scrolled(at(1495))
  assert.equal(pin.pinned, false)
})

test("text that shrinks moves the view, which is nobody's wish", () => {
  const pin = atTheEnd()
  pin.scrolled(at(1200, 1700))
  assert.equal(pin.pinned, true)
})

test("a message box that shrinks gives room, which is nobody's wish", () => {
  const pin = atTheEnd()
  pin.scrolled(at(1400, 2000, 600))
  assert.equal(pin.pinned, true)
})

test("coming within 60 pixels of the end takes it up again", () => {
  const pin = atTheEnd()
  pin.scrolled(at(1000))
  pin.scrolled(at(1439))
  assert.equal(pin.pinned, false)
  pin.scrolled(at(1440))
  assert.equal(pin.pinned, true)
})

test("the wheel upward lets go, downward and inside a code block it does not", () => {
  const pin = atTheEnd()
  pin.wheeled(40, false)
  pin.wheeled(-40, true)
  assert.equal(pin.pinned, true)
  pin.wheeled(-4, false)
  assert.equal(pin.pinned, false)
})

test("a finger lets go after ten pixels", () => {
  const pin = atTheEnd()
  pin.touched(300)
  pin.dragged(309)
  assert.equal(pin.pinned, true)
  pin.dragged(310)
  assert.equal(pin.pinned, false)
})

test("keys that lead upward let go", () => {
  for (const [key, pinned] of [["PageUp", false], ["Home", false], ["ArrowUp", false], ["PageDown", true], ["a", true]]) {
    const pin = atTheEnd()
    pin.pressed(key)
    assert.equal(pin.pinned, pinned, key)
  }
})

test("a conversation that fits its pane cannot be let go of", () => {
  const pin = new ScrollPin()
  pin.resized(at(0, 400, 500))
  pin.wheeled(-40, false)
  pin.pressed("PageUp")
  assert.equal(pin.pinned, true)
})

test("the way back shows beyond 200 pixels, goes within 60, and never while following", () => {
  const pin = atTheEnd()
  pin.scrolled(at(1310))
  assert.equal(pin.showsJump, false)
  pin.scrolled(at(1290))
  assert.equal(pin.showsJump, true)
  pin.scrolled(at(1400))
  assert.equal(pin.showsJump, true)
  pin.pin()
  assert.deepEqual([pin.pinned, pin.showsJump], [true, false])
})

test("following comes close in a few frames and arrives", () => {
  let top = 0
  for (let frame = 0; frame < 5; frame++) top = follow(top, 100, 16)
  assert.ok(top > 60 && top < 100)
  for (let frame = 0; frame < 40; frame++) top = follow(top, 100, 16)
  assert.equal(top, 100)
})
