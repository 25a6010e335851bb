import assert from "node:assert/strict"
import { mock, test } from "node:test"

import { afterClose, LiveSocket, reconnectDelay } from "lib/socket.js"

class Wire extends EventTarget {
  readyState = 0
  sent = []
  send = (text) => void this.sent.push(text)
  close = () => void (this.readyState = 3)

  open() {
    this.readyState = 1
    this.dispatchEvent(new Event("open"))
  }

  end(code) {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event("close"), { code }))
  }

  say(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }))
  }
}

function socketWith(random = () => 1) {
  const wires = []
  const protocols = []
  const make = (url, protocol) => {
    protocols.push(protocol)
    wires.push(new Wire())
    return wires.at(-1)
  }
  const socket = new LiveSocket("ws://x/ws/", { make, random })
  const heard = []
  for (const type of ["opened", "closed", "ended", "frame"]) socket.addEventListener(type, ({ detail }) => heard.push([type, detail]))
  return { socket, wires, heard, protocols }
}

test("delays double up to half a minute, with full jitter", () => {
  assert.deepEqual([0, 1, 2, 5, 6, 20].map((attempt) => reconnectDelay(attempt, () => 1)), [500, 1000, 2000, 16_000, 30_000, 30_000])
  assert.equal(reconnectDelay(3, () => 0), 0)
})

test("close codes say what to do", () => {
  assert.deepEqual(afterClose(4401, 0), { signIn: true, wait: Infinity })
  assert.deepEqual(afterClose(4440, 0), { signIn: true, wait: Infinity })
  assert.deepEqual(afterClose(4403, 0), { signIn: false, wait: Infinity })
  assert.ok(afterClose(4412, 9, () => 0.5).wait === 4000, "a node that goes away wants its pages spread")
  assert.ok(afterClose(4429, 0, () => 0).wait >= 30_000)
  assert.equal(afterClose(1006, 1, () => 1).wait, 1000)
  assert.equal(afterClose(4408, 0, () => 1).wait, 500)
})

test("it offers the subprotocol, hands on frames and ignores noise", () => {
  const { socket, wires, heard, protocols } = socketWith()
  socket.start()
  wires[0].open()
  for (const data of ['{"type":"hello","user":"ada"}', "nonsense", "17", '{"kind":"x"}', "null"]) wires[0].say(data)
  assert.deepEqual(protocols, ["webchat.v1"])
  assert.deepEqual(heard, [["opened", null], ["frame", { type: "hello", user: "ada" }]])
})

test("it sends only while it is open", () => {
  const { socket, wires } = socketWith()
  socket.start()
  assert.equal(socket.send({ type: "conversation.open", conversation: "c" }), false)
  wires[0].open()
  assert.equal(socket.send({ type: "conversation.open", conversation: "c" }), true)
  assert.deepEqual(wires[0].sent, ['{"type":"conversation.open","conversation":"c"}'])
})

test("it comes back after a while, and at once when somebody hurries it", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] })
  const { socket, wires } = socketWith()
  socket.start()
  wires[0].end(1006)
  mock.timers.tick(499)
  assert.equal(wires.length, 1)
  mock.timers.tick(1)
  assert.equal(wires.length, 2)
  wires[1].end(1006)
  socket.hurry()
  assert.equal(wires.length, 3)
  mock.timers.reset()
})

test("hurry does not hammer a server that asked for patience", () => {
  const { socket, wires } = socketWith()
  socket.start()
  wires[0].open()
  wires[0].end(4429)
  socket.hurry()
  socket.stop()
  assert.equal(wires.length, 1)
})

test("signing in is asked for once, and nothing comes back by itself", () => {
  mock.timers.enable({ apis: ["setTimeout"] })
  const { socket, wires, heard } = socketWith()
  socket.start()
  wires[0].end(4440)
  mock.timers.tick(600_000)
  assert.deepEqual(heard.at(-1), ["ended", { signIn: true }])
  assert.equal(wires.length, 1)
  mock.timers.reset()
})

test("only a connection that lasted starts the delays afresh", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] })
  const { socket, wires, heard } = socketWith()
  const waits = () => heard.filter(([type]) => type === "closed").map(([, { wait }]) => wait)
  socket.start()
  for (const lasting of [0, 0, 6000, 0]) {
    wires.at(-1).open()
    mock.timers.tick(lasting)
    wires.at(-1).end(1006)
    mock.timers.tick(waits().at(-1))
  }
  assert.deepEqual(waits(), [500, 1000, 500, 1000])
  mock.timers.reset()
})

test("what a given-up connection still says is not heard", () => {
  const { socket, wires, heard } = socketWith()
  socket.start()
  wires[0].open()
  socket.renew()
  wires[0].say('{"type":"hello"}')
  wires[0].end(1006)
  assert.deepEqual(heard.map(([type]) => type), ["opened", "closed"])
  socket.stop()
})
