import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

import { ApiError } from "lib/api.js"
import { asksModel, fitting, markedParts, nameAt, TakenNames, withName } from "models/mentions.js"
import { presenceOf } from "models/presence.js"
import { Team } from "models/team.js"
import { TypingPeople, TypingSignal, typingWords } from "models/typing.js"
import { Members } from "models/members.js"

import { answer, conversation, FakeApi, message, settled } from "./shapes.mjs"

const ADA = { id: "ada", name: "Ada Byron" }
const BEN = { id: "ben", name: "Ben Ohm" }
const CYD = { id: "cyd", name: "Cyd" }
const member = (user, role, joined_at) => ({ user, role, joined_at })
const TWO = [member(ADA, "owner", "2026-01-01"), member(BEN, "writer", "2026-01-02")]
const team = (me, role) => new Team(me, role, TWO, 2)
const said = (author, fields) => message({ author, ...fields })

test("what a person may do depends on their role and on whose it is", () => {
  const running = (by) => answer({ status: "streaming", completion: { requested_by: by } })
  const [owner, writer, reader] = [team(ADA, "owner"), team(BEN, "writer"), team(BEN, "reader")]
  assert.deepEqual([owner, writer, reader].map((each) => each.mayWrite), [true, true, false])
  assert.deepEqual([owner, writer, reader].map((each) => each.mayEdit(said(BEN))), [false, true, false])
  assert.deepEqual([owner, writer, reader].map((each) => each.mayDelete(said(ADA))), [true, false, false])
  assert.deepEqual([owner, writer, reader].map((each) => each.mayDelete(answer({}))), [true, false, false])
  assert.deepEqual([owner, writer, reader].map((each) => each.mayStop(running("ada"))), [true, false, false])
  assert.deepEqual([owner, writer].map((each) => each.mayStop(running("ben"))), [true, true])
  assert.equal(team({ ...BEN, is_staff: true }, "writer").mayStop(running("ada")), true)
  assert.equal(owner.mayStop(answer({ status: "completed" })), false)
})

test("members are read once somebody else is there, and follow what the socket tells", async () => {
  const api = new FakeApi({ "GET conversations/c1/members": { items: TWO.toReversed(), invited: [] } })
  const members = new Members(api, ADA)
  members.take(conversation())
  assert.deepEqual([api.calls.length, members.team.isShared], [0, false])
  members.take(conversation({ people: 2 }))
  await settled()
  assert.deepEqual(members.team.members.map(({ user }) => user.id), ["ada", "ben"])
  members.hear("member.joined", member(CYD, "reader", "2026-01-03"))
  assert.deepEqual([members.team.people, members.team.nameOf("cyd"), members.team.owner], [3, "Cyd", ADA])
  members.hear("member.changed", member(ADA, "writer", "2026-01-01"))
  assert.equal(members.team.isOwner, false)
  members.hear("member.left", member(BEN, "writer", "2026-01-02"))
  assert.deepEqual(members.team.members.map(({ user }) => user.id), ["ada", "cyd"])
  assert.equal(api.calls.length, 1)
})

test("who comes while the members are read is not forgotten by what was asked before", async () => {
  const waiting = []
  const api = new FakeApi({ "GET conversations/c1/members": () => new Promise((resolve) => waiting.push(resolve)) })
  const members = new Members(api, ADA)
  members.take(conversation({ people: 2 }))
  const cyd = member(CYD, "reader", "2026-01-03")
  members.hear("member.joined", cyd)
  waiting.shift()({ items: TWO, invited: [] })
  await settled()
  waiting.shift()?.({ items: [...TWO, cyd], invited: [] })
  await settled()
  assert.deepEqual([api.calls.length, members.team.members.map(({ user }) => user.id)], [2, ["ada", "ben", "cyd"]])
})

test("members that cannot be read are read the next time", async () => {
  const api = new FakeApi({ "GET conversations/c1/members": new ApiError(0, { code: "offline", detail: "" }) })
  const members = new Members(api, ADA)
  members.take(conversation({ people: 2 }))
  await settled()
  assert.deepEqual([members.team.isShared, members.team.members], [true, []])
  api.answers["GET conversations/c1/members"] = { items: TWO, invited: [] }
  members.take(conversation({ people: 2 }))
  await settled()
  assert.equal(members.team.members.length, 2)
})

test("another team is another object, so that what is drawn of it is drawn anew", () => {
  const members = new Members(new FakeApi(), ADA)
  members.take(conversation())
  const before = members.team
  members.take(conversation({ version: 2, title: "Other" }))
  assert.equal(members.team, before)
  members.take(conversation({ role: "reader" }))
  assert.notEqual(members.team, before)
})

test("who is here comes first, oneself before all; more than five are a number", () => {
  const people = ["ada", "ben", "cyd", "dot", "eve", "fay", "gus"].map((id, at) => member({ id, name: id }, "writer", String(at)))
  const { faces, more } = presenceOf(new Team({ id: "cyd", name: "cyd" }, "writer", people, 7), ["fay"])
  assert.deepEqual(faces.map(({ person, isHere }) => [person.id, isHere]), [["cyd", true], ["fay", true], ["ada", false], ["ben", false], ["dot", false]])
  assert.deepEqual(more, ["eve", "gus"])
})

test("typing is told every three seconds at most, and not for nothing", () => {
  const signal = new TypingSignal()
  const told = [["", 0], ["H", 0], ["He", 2999], ["Hel", 3000], ["  ", 9000]].map(([text, now]) => signal.typed(text, now))
  assert.deepEqual(told, [false, true, false, true, false])
  signal.sent()
  assert.equal(signal.typed("A", 3001), true)
})

test("who typed is forgotten after five seconds or with their message", () => {
  const people = new TypingPeople()
  people.hear(BEN, 0)
  people.hear(CYD, 1000)
  assert.deepEqual(people.names(4999), ["Ben Ohm", "Cyd"])
  assert.deepEqual(people.names(5000), ["Cyd"])
  people.forget("cyd")
  assert.deepEqual(people.names(5000), [])
})

test("those who type in words", () => {
  assert.deepEqual([[], ["Ben"], ["Ben", "Cyd"], ["Ben", "Cyd", "Dot"], ["Ben", "Cyd", "Dot", "Eve"]].map(typingWords), ["", "Ben is typing", "Ben and Cyd are typing", "Ben, Cyd and Dot are typing", "Ben, Cyd and 2 others are typing"])
})

test("whether the model is asked follows the rule of the conversation", () => {
  assert.equal(asksModel("always", "Hello"), true)
  assert.equal(asksModel("addressed", "Hello"), false)
})

test("the page and the server find the model named in the same texts", () => {
  for (const [text, isNamed] of JSON.parse(readFileSync(new URL("names-model.json", import.meta.url), "utf8"))) assert.equal(asksModel("addressed", text), isNamed, JSON.stringify(text))
})

test("no text takes long", () => {
  const hard = ["`".repeat(100_000), "@Ben ".repeat(20_000), "```\n".repeat(25_000), "> ".repeat(49_000), " ".repeat(99_000) + "@gemini", "a\n \t\n".repeat(20_000) + "@"]
  const began = performance.now()
  for (const text of hard) {
    asksModel("addressed", text + "@")
    markedParts(text + "@", [BEN])
  }
  assert.ok(performance.now() - began < 2000)
})

test("the name that is typed is found before the caret", () => {
  assert.deepEqual(nameAt("Hi @Be", 6), { from: 3, word: "Be" })
  assert.deepEqual(nameAt("@", 1), { from: 0, word: "" })
  assert.deepEqual(nameAt("@Ada By", 7), { from: 0, word: "Ada By" })
  assert.deepEqual(["a@b", "Hi\n", "@Be\nx"].map((text) => nameAt(text, text.length)), [null, null, null])
  assert.equal(nameAt("Hi @Ben", 2), null)
})

test("names fit by their beginning or by that of a word in them", () => {
  const fits = (word) => fitting(word, [ADA, BEN, { id: "kim", name: "Élodie Kim" }]).map(({ id }) => id)
  assert.deepEqual([fits("b"), fits("ada b"), fits("kim"), fits("É"), fits("Ada Byron "), fits("x")], [["ada", "ben"], ["ada"], ["kim"], ["kim"], [], []])
})

test("a chosen name takes the place of what was typed", () => {
  assert.deepEqual(withName("Hi @be there", 6, BEN), { text: "Hi @Ben Ohm there", caret: 12 })
  assert.deepEqual(withName("@", 1, BEN), { text: "@Ben Ohm ", caret: 9 })
})

test("behind a chosen name no longer one is offered, until the name is changed", () => {
  const taken = new TakenNames()
  const has = (text) => taken.has(nameAt(text, text.length))
  taken.add(3, { id: "ben", name: "Ben" })
  assert.deepEqual([has("Hi @Ben "), has("Hi @Ben Sm"), has("@Ben ")], [true, true, false])
  assert.deepEqual([has("Hi @Ben"), has("Hi @Ben ")], [false, false])
})

test("names in a text are marked, whatever stands around them, and never in code or addresses", () => {
  const marks = (text, people = [ADA, BEN]) => markedParts(text, people).filter(({ named }) => named).map(({ text, named }) => [text, named.id])
  assert.deepEqual(marks("(@Ada Byron) and @ben, @Gemini!"), [["@Ada Byron", "ada"], ["@ben", "ben"], ["@Gemini", null]])
  assert.deepEqual(marks("x@ben @bends `@ben`\n```\n@ben\n```\n@ben.ohm \\@ben"), [])
  assert.deepEqual(marks("@Ben", [BEN, { id: "b2", name: "Ben Two" }]), [])
  assert.deepEqual(marks("你好@ben你好"), [["@ben", "ben"]])
  const text = "<b>@Ben Ohm</b> `code` @gemini"
  assert.equal(markedParts(text, [BEN]).map((part) => part.text).join(""), text)
})

test("a name may be made of any characters", () => {
  const names = ["Großkreutz-Löwenstein", "a.*", "(Sam", "Kim]", "[Kim", "Zoë O'Neil", "x|y", "a+b?", "$^{2}", "A/B", "back\\slash", "Dr. Who-Ever", "#1 & Co, ~Ltd"]
  const people = names.map((name, at) => ({ id: String(at), name }))
  for (const { id, name } of people) assert.deepEqual(markedParts(`Hi @${name}!`, people), [{ text: "Hi " }, { text: `@${name}`, named: people[Number(id)] }, { text: "!" }])
})
