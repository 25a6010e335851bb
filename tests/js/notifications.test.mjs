import assert from "node:assert/strict"
import { test } from "node:test"

import { tabTitle } from "lib/tab-title.js"
import { DesktopNotices } from "models/desktop-notices.js"
import { Notifications, sentenceOf } from "models/notifications.js"

import { FakeApi, memoryStorage } from "./shapes.mjs"

const BEN = { id: "ben", name: "Ben" }

function notification(fields) {
  return { id: "n1", kind: "mention", conversation: "c1", message: "m1", actor: BEN, title: "Leases", created_at: "2026-11-21T10:00:00Z", read_at: null, ...fields }
}

async function told(items, { unread = items.length, next = null } = {}) {
  const api = new FakeApi({ "GET notifications": { items, next, unread }, "POST notifications/read": { unread: 0 } })
  const notifications = new Notifications(api)
  await notifications.refresh()
  return { notifications, api }
}

const idsOf = ({ items }) => items.map(({ id }) => id)

test("the newest are read with their count, older ones with the cursor", async () => {
  const { notifications, api } = await told([notification()], { next: "CURSOR", unread: 7 })
  assert.deepEqual([notifications.unread, notifications.hasMore], [7, true])
  api.answers["GET notifications"] = { items: [notification(), notification({ id: "n0" })], next: null, unread: 7 }
  await notifications.more()
  assert.match(api.calls.at(-1).path, /before=CURSOR/)
  assert.deepEqual([idsOf(notifications), notifications.hasMore], [["n1", "n0"], false])
})

test("a new one stands on top once, however often it is told", async () => {
  const { notifications } = await told([notification()])
  notifications.hear(notification({ id: "n2" }), 2)
  notifications.hear(notification({ id: "n2" }), 2)
  assert.deepEqual([idsOf(notifications), notifications.unread], [["n2", "n1"], 2])
})

test("a new one is not lost to a page that was read before it", async () => {
  const { notifications, api } = await told([notification()])
  const waiting = []
  api.answers["GET notifications"] = () => new Promise((resolve) => waiting.push(resolve))
  const older = notifications.refresh()
  await Promise.resolve()
  notifications.hear(notification({ id: "n2" }), 2)
  waiting[1]({ items: [notification({ id: "n2" }), notification()], next: null, unread: 2 })
  waiting[0]({ items: [notification()], next: null, unread: 1 })
  await older
  await new Promise((resolve) => setTimeout(resolve))
  assert.deepEqual([idsOf(notifications), notifications.unread], [["n2", "n1"], 2])
})

test("reading those of a conversation leaves the others unread", async () => {
  const { notifications, api } = await told([notification(), notification({ id: "n2", conversation: "c2" })])
  api.answers["POST notifications/read"] = { unread: 1 }
  await notifications.read("c1")
  assert.deepEqual(api.calls.at(-1).body, { conversation: "c1" })
  assert.deepEqual(notifications.items.map(({ read_at }) => Boolean(read_at)), [true, false])
  assert.equal(notifications.unread, 1)
})

test("where nothing is unread nothing is asked", async () => {
  const { notifications, api } = await told([notification({ conversation: "c2" })])
  await notifications.read("c1")
  assert.deepEqual(api.sent("POST", "notifications"), [])
})

test("what lies further down than was read is marked too", async () => {
  const { notifications, api } = await told([notification({ conversation: "c2" })], { unread: 2, next: "CURSOR" })
  await notifications.read("c1")
  assert.equal(api.sent("POST", "notifications/read").length, 1)
})

test("what another tab read is asked for again", async () => {
  const { notifications, api } = await told([notification()])
  api.answers["GET notifications"] = { items: [notification({ read_at: "2026-11-21T11:00:00Z" })], next: null, unread: 0 }
  await notifications.heardRead(0)
  assert.ok(notifications.items[0].read_at)
})

test("a list that cannot be read says why and keeps what it has", async () => {
  const { notifications, api } = await told([notification()])
  delete api.answers["GET notifications"]
  await notifications.refresh()
  assert.deepEqual([notifications.problem.code, idsOf(notifications)], ["not_found", ["n1"]])
})

test("each kind is a sentence", () => {
  const said = ["mention", "invited", "role", "owner", "removed"].map((kind) => sentenceOf(notification({ kind })))
  assert.deepEqual(said, [
    "Ben named you in “Leases”",
    "Ben invited you to “Leases”",
    "Ben changed what you may do in “Leases”",
    "Ben made you the owner of “Leases”",
    "Ben removed you from “Leases”",
  ])
  assert.equal(sentenceOf(notification({ actor: null, title: "" })), "Somebody named you in “New chat”")
})

/** A browser that was asked, and remembers what it showed. */
function browser(permission = "default", answer = "granted") {
  const shown = []
  class Maker {
    static permission = permission
    static requestPermission = async () => (Maker.permission = answer)
    onclick = null
    closed = false
    constructor(title, options) {
      Object.assign(this, { title, options })
      shown.push(this)
    }
    close() {
      this.closed = true
    }
  }
  return { Maker, shown }
}

test("nothing is shown on the computer before the person asked for it", async () => {
  const { Maker, shown } = browser("granted")
  const notices = new DesktopNotices(memoryStorage(), Maker)
  assert.deepEqual([notices.state, notices.show(notification(), () => {})], ["off", false])
  await notices.turnOn()
  assert.equal(notices.show(notification(), () => {}), true)
  notices.turnOff()
  assert.equal(notices.show(notification(), () => {}), false)
  assert.equal(shown.length, 1)
})

test("a notice says who and where, once for all tabs, and opens when it is clicked", async () => {
  const { Maker, shown } = browser()
  const notices = new DesktopNotices(memoryStorage(), Maker)
  await notices.turnOn()
  let opened = 0
  notices.show(notification(), () => opened++)
  assert.deepEqual([shown[0].title, shown[0].options], ["Ben named you in “Leases”", { tag: "n1" }])
  shown[0].onclick()
  assert.deepEqual([opened, shown[0].closed], [1, true])
})

test("only mentions and invitations are shown on the computer", async () => {
  const { Maker, shown } = browser()
  const notices = new DesktopNotices(memoryStorage(), Maker)
  await notices.turnOn()
  for (const kind of ["mention", "invited", "role", "owner", "removed"]) notices.show(notification({ kind }), () => {})
  assert.equal(shown.length, 2)
})

test("a browser that forbids, lacks or breaks it changes nothing else", async () => {
  const refusing = browser("default", "denied")
  const refused = new DesktopNotices(memoryStorage(), refusing.Maker)
  await refused.turnOn()
  assert.deepEqual([refused.state, refused.show(notification(), () => {})], ["forbidden", false])
  const missing = new DesktopNotices(memoryStorage(), null)
  await missing.turnOn()
  assert.deepEqual([missing.state, missing.show(notification(), () => {})], ["missing", false])
  const Broken = Object.assign(function () { throw new TypeError("Illegal constructor") }, { permission: "granted", requestPermission: async () => "granted" })
  const broken = new DesktopNotices(memoryStorage(), Broken)
  await broken.turnOn()
  assert.equal(broken.show(notification(), () => {}), false)
})

test("the tab says how much is new", () => {
  assert.deepEqual([tabTitle("Leases", 3), tabTitle("Leases", 0), tabTitle("", 0), tabTitle("Leases", 120)], ["(3) Leases · Webchat", "Leases · Webchat", "Webchat", "(99+) Leases · Webchat"])
})
