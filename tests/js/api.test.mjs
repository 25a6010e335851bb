import assert from "node:assert/strict"
import { test } from "node:test"

import { Api, ApiError, csrfToken, query } from "lib/api.js"

/** An Api whose server answers with these, one after another. A function may throw like a dead network. */
function apiThat(...answers) {
  const calls = []
  const waits = []
  const fetch = async (path, options) => {
    calls.push({ path, ...options })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer === "down") throw new TypeError("Failed to fetch")
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status ?? 200, headers: answer.headers })
  }
  let signedOut = 0
  const api = new Api({ fetch, wait: async (ms) => void waits.push(ms), token: () => "TOKEN", signedOut: () => signedOut++ })
  return { api, calls, waits, signedOut: () => signedOut }
}

test("a post carries JSON and the CSRF token", async () => {
  const { api, calls } = apiThat({ body: { id: 1 } })
  assert.deepEqual(await api.post("conversations", { title: "x" }), { id: 1 })
  const [{ path, method, body, headers }] = calls
  assert.deepEqual([path, method, body, headers["X-CSRFToken"]], ["/api/v1/conversations", "POST", '{"title":"x"}', "TOKEN"])
})

test("an error keeps what the server said about it", async () => {
  const { api } = apiThat({ status: 422, body: { code: "invalid", detail: "No.", fields: { temperature: "0 to 2." } } })
  const error = await api.patch("conversations/1", {}).catch((problem) => problem)
  assert.ok(error instanceof ApiError)
  assert.deepEqual([error.status, error.code, error.detail, error.fields], [422, "invalid", "No.", { temperature: "0 to 2." }])
})

test("a network that comes back is tried again with the same body", async () => {
  const { api, calls, waits } = apiThat("down", { status: 503, body: { code: "draining", detail: "…" } }, { body: { ok: true } })
  assert.deepEqual(await api.post("messages", { id: "m1" }), { ok: true })
  assert.equal(new Set(calls.map(({ body }) => body)).size, 1)
  assert.equal(waits.length, 2)
})

test("a server that says when to come back is asked again then, unless that is long", async () => {
  const leaving = { status: 503, body: { code: "shutting_down", detail: "…", retry_after: 3 } }
  const soon = apiThat(leaving, { status: 503, headers: { "Retry-After": "2" } }, { body: {} })
  await soon.api.post("messages", { id: "m1" })
  assert.ok(soon.waits[0] >= 3000 && soon.waits[1] >= 2000, String(soon.waits))
  const late = apiThat({ status: 503, body: { ...leaving.body, retry_after: 60 } })
  const error = await late.api.post("messages").catch((problem) => problem)
  assert.deepEqual([error.retryAfter, late.calls.length], [60, 1])
})

test("a network that stays away ends in words", async () => {
  const { api, calls } = apiThat("down")
  const error = await api.get("models").catch((problem) => problem)
  assert.deepEqual([error.status, error.code, calls.length], [0, "offline", 3])
})

test("what the server refuses is not asked again", async () => {
  for (const status of [400, 403, 404, 409, 413, 422, 429]) {
    const { api, calls } = apiThat({ status, body: { code: "no", detail: "No." } })
    await assert.rejects(api.post("messages"), { status })
    assert.equal(calls.length, 1)
  }
})

test("an answer that is no JSON still has words", async () => {
  const { api } = apiThat({ status: 500 })
  await assert.rejects(api.get("models"), { detail: "The server answered 500." })
})

test("nobody signed in leads to signing in", async () => {
  const { api, signedOut } = apiThat({ status: 401, body: { code: "not_signed_in", detail: "Sign in." } })
  await api.get("me").catch(() => {})
  assert.equal(signedOut(), 1)
})

test("a delete has no body to read", async () => {
  const { api } = apiThat({ status: 204 })
  assert.equal(await api.delete("conversations/1"), null)
})

test("a request that is given up is not repeated", async () => {
  const { api, calls } = apiThat("down")
  const asking = new AbortController()
  asking.abort()
  await assert.rejects(api.get("conversations", { signal: asking.signal }))
  assert.equal(calls.length, 1)
})

test("the CSRF token is found under both of its names", () => {
  assert.equal(csrfToken("a=b; csrftoken=abc; c=d"), "abc")
  assert.equal(csrfToken("__Host-csrftoken=abc"), "abc")
  assert.equal(csrfToken("xcsrftoken=abc"), "")
})

test("a query leaves out what is empty and escapes the rest", () => {
  assert.equal(query({ q: "a & b", before: null, limit: 50, archived: false }), "?q=a+%26+b&limit=50&archived=false")
  assert.equal(query({ q: "" }), "")
})
