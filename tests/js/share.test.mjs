import assert from "node:assert/strict"
import { test } from "node:test"

import { ApiError } from "lib/api.js"
import { bodyOf, livesUnder, mistakesIn, placesOf, sentenceFor, usualLife } from "models/share-form.js"
import { ShareLinks } from "models/share-links.js"
import { SharePeople } from "models/share-people.js"
import { audienceWords, closedWords, endWords, findingLines, findingsHead, lifeWords, parted, viewWords } from "models/share-words.js"

import { FakeApi } from "./shapes.mjs"

const NOW = new Date(2026, 10, 21, 15)
const BEN = { id: "ben", name: "Ben", hint: "b…@example.org" }
const FREE = { public_links: true, longest_link_days: null, password_required: false }
const choice = (fields) => ({ audience: "public", people: [], extent: "snapshot", life: "168", password: "", show_names: false, max_views: "", ...fields })
const given = (fields) => ({ until: "m9", messages: [], now: NOW, policy: FREE, ...fields })
const hoursFrom = (end) => (Date.parse(end) - NOW.getTime()) / 3_600_000

test("a link ends after a week unless the workspace is stricter", () => {
  assert.deepEqual(livesUnder(FREE).map(({ value }) => value), ["1", "24", "168", "720", "never"])
  assert.equal(usualLife(FREE), "168")
  assert.deepEqual(livesUnder({ ...FREE, longest_link_days: 3 }).map(({ words }) => words), ["In 1 hour", "In 1 day", "In 3 days, the longest here"])
  assert.equal(usualLife({ ...FREE, longest_link_days: 3 }), "72")
  assert.deepEqual(livesUnder({ ...FREE, longest_link_days: 30 }).map(({ value }) => value), ["1", "24", "168", "720"])
  assert.equal(usualLife({ ...FREE, longest_link_days: 400 }), "168")
})

test("what is sent is what was chosen", () => {
  const plain = bodyOf(choice(), given())
  assert.equal(hoursFrom(plain.expires_at), 168)
  assert.deepEqual(plain, { audience: "public", kind: "snapshot", show_names: false, expires_at: plain.expires_at, until_message: "m9" })
  const rich = bodyOf(choice({ audience: "people", people: [BEN], extent: "chosen", life: "never", password: "leaf", show_names: true, max_views: "3" }), given({ messages: ["m1", "m3"] }))
  assert.deepEqual(rich, { audience: "people", kind: "snapshot", show_names: true, expires_at: null, people: ["ben"], until_message: "m9", messages: ["m1", "m3"], password: "leaf", max_views: 3 })
  assert.equal(bodyOf(choice({ extent: "live", people: [BEN] }), given()).people, undefined)
  assert.equal(bodyOf(choice({ extent: "live" }), given()).kind, "live")
  assert.equal(bodyOf(choice({ title: "For you" }), given()).title, "For you")
  assert.equal(bodyOf(choice({ title: "For you", extent: "live" }), given()).title, undefined)
  assert.equal(bodyOf(choice({ password: " leaf " }), given()).password, " leaf ")
})

test("the longest life that is allowed is asked for so that a slow clock does not refuse it", () => {
  const end = bodyOf(choice(), given({ policy: { ...FREE, longest_link_days: 7 } })).expires_at
  assert.ok(hoursFrom(end) < 168 && hoursFrom(end) > 167.8)
})

test("what cannot be sent is said beside its field", () => {
  assert.deepEqual(mistakesIn(choice(), FREE), {})
  const strict = { public_links: false, longest_link_days: 1, password_required: true }
  assert.deepEqual(Object.keys(mistakesIn(choice(), strict)), ["audience", "password"])
  assert.deepEqual(Object.keys(mistakesIn(choice({ audience: "people", max_views: "1.5" }), FREE)), ["people", "max_views"])
  for (const password of ["abc", "    ", " a  "]) assert.ok(mistakesIn(choice({ password }), FREE).password)
  for (const views of ["0", "-1", "x", "1e3"]) assert.ok(mistakesIn(choice({ max_views: views }), FREE).max_views)
})

test("what the server refuses finds its field", () => {
  const refused = (fields) => placesOf(new ApiError(422, { code: "invalid_input", detail: "No.", fields }))
  assert.deepEqual(refused({ expires_at: "Too long.", password: "Missing." }), { life: "Too long.", password: "Missing." })
  assert.deepEqual(refused({ "body.max_views": "Not a number." }), { max_views: "Not a number." })
  assert.deepEqual(refused(undefined), { "": "No." })
  assert.deepEqual(placesOf(new ApiError(403, { code: "public_links_forbidden", detail: "Not here." })), { audience: "Not here." })
})

test("a sentence says who sees what", () => {
  assert.equal(sentenceFor(choice({ audience: "none" })), "Only the people in this chat can open it.")
  assert.equal(sentenceFor(choice({ audience: "none" }), true), "No further link is made.")
  assert.equal(sentenceFor(choice()), "Anyone with the link can read what is on this branch now, and nothing that is written later, without names, for 7 days.")
  assert.equal(sentenceFor(choice({ audience: "people", people: [BEN], extent: "live", life: "1", show_names: true, password: "x" })), "Only Ben with the password can read this branch and whatever is added to it, with names, for 1 hour.")
  assert.match(sentenceFor(choice({ audience: "signed_in", extent: "chosen", life: "never" })), /^Everyone signed in who has the link can read only the messages that you tick, without names, until you turn the link off\.$/)
})

const share = (fields) => ({ id: "s1", url: "https://chat.example.org/s/x", audience: "public", people: [], kind: "snapshot", show_names: false, has_password: false, max_views: null, views: 0, expires_at: new Date(2026, 11, 21, 10).toISOString(), ends_at: new Date(2026, 11, 21, 10).toISOString(), state: "open", ...fields })

test("a link says when it ends and how often it was opened", () => {
  assert.equal(lifeWords(share({ views: 14 }), NOW), "Ends on 21 December at 10:00. Opened 14 times.")
  assert.equal(viewWords(share({ views: 1, max_views: 3 })), "Opened 1 of 3 times")
  assert.equal(viewWords(share({ views: 1 })), "Opened once")
  assert.equal(viewWords(share()), "Not opened yet")
  assert.equal(endWords(share({ expires_at: null, ends_at: null }), NOW), "Does not end by itself")
  assert.equal(endWords(share({ expires_at: null }), NOW), "Ends on 21 December at 10:00")
  assert.equal(endWords(share({ ends_at: new Date(2026, 10, 1).toISOString(), state: "expired" }), NOW), "Ended on 1 November at 00:00")
  assert.equal(endWords(share({ ends_at: new Date(2027, 1, 1).toISOString() }), NOW), "Ends on 1 February 2027")
})

test("people of a link are named until there are too many", () => {
  const people = ["Ada", "Ben", "Cyd", "Dan"].map((name) => ({ id: name, name }))
  const words = (count) => audienceWords({ audience: "people", people: people.slice(0, count) })
  assert.deepEqual([1, 2, 4].map(words), ["Ada", "Ada and Ben", "Ada, Ben and 2 others"])
})

test("the same finding is listed once, with how often it stands there", () => {
  const email = { kind: "email", text: "ben@example.org", message: "m1" }
  assert.equal(findingLines([email])[0].message, "m1")
  assert.deepEqual(findingLines([email, { kind: "key", text: "sk-…9f", message: "m1" }, { ...email, message: "m2" }]).map(({ words }) => words), ["E-mail address: ben@example.org (2 times)", "Looks like a key: sk-…9f"])
})

test("what is found in the title is said to stand there, and leads there", () => {
  const name = { kind: "name", text: "Ada", message: null }
  assert.deepEqual(findingLines([name]), [{ message: null, words: "Name: Ada (in the title)" }])
  assert.deepEqual(findingLines([name, { ...name, message: "m1" }]).map(({ words }) => words), ["Name: Ada (2 times, in the title)"])
})

test("that not everything is listed is said, with and without findings", () => {
  assert.equal(findingsHead(1, false), "Look at this before you share:")
  assert.match(findingsHead(3, true), /these 3 .* There may be more/)
  assert.match(findingsHead(0, true), /not all of it was looked through/)
})

test("of many links that are over it is said that these are the newest", () => {
  assert.deepEqual([1, 2, 50].map(closedWords), ["1 link that is over", "2 links that are over", "The newest 50 links that are over"])
})

const LINKS = "conversations/c1/shares"

test("links that others made meanwhile are shown, and nothing is told where nothing changed", async () => {
  const answers = { [`GET ${LINKS}`]: { items: [share()], policy: FREE } }
  const links = new ShareLinks("c1", new FakeApi(answers))
  let told = 0
  links.addEventListener("changed", () => told++)
  await links.load()
  await links.load()
  assert.equal(told, 1)
  answers[`GET ${LINKS}`] = { items: [share({ id: "s2" }), share()], policy: FREE }
  await links.load()
  assert.deepEqual([told, links.shares.map(({ id }) => id)], [2, ["s2", "s1"]])
})

test("an older answer does not hide a link that was just made, and lists none twice", async () => {
  const answers = []
  const api = new FakeApi({ [`GET ${LINKS}`]: () => new Promise((resolve) => answers.push(resolve)), [`POST ${LINKS}`]: share({ id: "s2" }) })
  const links = new ShareLinks("c1", api)
  const before = links.load()
  await links.create({})
  answers[0]({ items: [], policy: FREE })
  await before
  assert.deepEqual(links.shares.map(({ id }) => id), ["s2"])
  await links.create({})
  assert.deepEqual(links.shares.map(({ id }) => id), ["s2"])
})

test("links that are over stand behind those that are not", () => {
  const { open, closed } = parted(["revoked", "open", "expired", "forbidden", "used_up"].map((state) => share({ state })))
  assert.deepEqual([open, closed].map((links) => links.map(({ state }) => state)), [["open", "forbidden", "used_up"], ["revoked", "expired"]])
})

const member = (id, name, role) => ({ user: { id, name }, role, joined_at: "2026-11-21T10:00:00Z" })
const MEMBERS = { items: [member("cyd", "Cyd", "reader"), member("ben", "Ben", "writer"), member("ada", "Ada", "owner")], invited: [{ id: "i1", email: "dan@example.org", role: "writer", expires_at: "2026-11-28T10:00:00Z" }] }

async function peopleFor(me, answers = {}) {
  const api = new FakeApi({ "GET conversations/c1/members": MEMBERS, ...answers })
  const people = new SharePeople("c1", api, me)
  await people.load()
  return { people, api }
}

test("the owner comes first, oneself next, and only the owner manages", async () => {
  const { people } = await peopleFor("cyd")
  assert.deepEqual(people.members.map(({ user }) => user.id), ["ada", "cyd", "ben"])
  assert.equal(people.mayManage, false)
  assert.equal((await peopleFor("ada")).people.mayManage, true)
})

test("a person is added by who they are, anybody else by address", async () => {
  const { people, api } = await peopleFor("ada", { "POST conversations/c1/members": (body) => (body.user ? { member: member("ben", "Ben", body.role), invitation: null } : { member: null, invitation: { id: "i1", email: body.email, role: body.role, url: null } }) })
  assert.equal(await people.add({ picked: BEN, text: "Ben", role: "reader" }), "Ben can read here now.")
  assert.match(await people.add({ picked: null, text: " dan@example.org ", role: "writer" }), /on its way to dan@example\.org/)
  assert.deepEqual(api.sent("POST", "conversations").map(({ body }) => body), [{ user: "ben", role: "reader" }, { email: "dan@example.org", role: "writer" }])
  for (const text of ["", "Ben", "ben@"]) await assert.rejects(people.add({ picked: null, text, role: "writer" }), ApiError)
  assert.equal(api.sent("POST", "conversations").length, 2)
})

test("where no mail goes out the invitation keeps its link until it is withdrawn", async () => {
  const { people, api } = await peopleFor("ada", {
    "POST conversations/c1/members": { member: null, invitation: { id: "i1", email: "dan@example.org", role: "writer", url: "https://x/invitations/t" } },
    "DELETE invitations/i1": null,
  })
  assert.match(await people.add({ picked: null, text: "dan@example.org", role: "writer" }), /hand it over/)
  assert.equal(people.invited[0].url, "https://x/invitations/t")
  await people.withdraw("i1")
  assert.equal(people.invited[0].url, null)
  assert.equal(api.sent("DELETE", "invitations/i1").length, 1)
})

test("of two answers on their way the older one does not count", async () => {
  const answers = []
  const api = new FakeApi({ "GET conversations/c1/members": () => new Promise((resolve) => answers.push(resolve)) })
  const people = new SharePeople("c1", api, "ada")
  const loads = [people.load(), people.load()]
  await Promise.resolve()
  answers[1](MEMBERS)
  answers[0]({ items: [], invited: [] })
  await Promise.all(loads)
  assert.equal(people.members.length, 3)
})

test("who leaves does not ask again for what they may not see", async () => {
  const { people, api } = await peopleFor("ben", { "DELETE conversations/c1/members/ben": null })
  await people.remove("ben")
  assert.equal(api.sent("GET", "conversations").length, 1)
})
