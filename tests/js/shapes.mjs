// Rows and doubles that the tests of the page share.

import { ApiError } from "lib/api.js"

/** @param {Partial<Message>} fields @returns {Message} */
export function message(fields) {
  const { id = "m1", ...others } = fields
  return {
    id,
    conversation: "c1",
    parent: null,
    role: "user",
    author: { id: "ada", name: "Ada" },
    model: null,
    content: "",
    status: "completed",
    version: 1,
    created_at: "2026-11-21T10:00:00Z",
    deleted_at: null,
    siblings: [id],
    completion: null,
    ...others,
  }
}

/** @param {Partial<Message>} fields */
export const answer = (fields) => message({ role: "assistant", author: null, model: "gemini", ...fields })

/** @param {Partial<Conversation>} [fields] @returns {Conversation} */
export function conversation(fields) {
  return {
    id: "c1",
    title: "",
    model: "gemini",
    system_prompt: "",
    parameters: {},
    version: 1,
    created_at: "2026-11-21T10:00:00Z",
    updated_at: "2026-11-21T10:00:00Z",
    role: "owner",
    pinned: false,
    archived: false,
    current_message: null,
    running: false,
    answering: "always",
    default_message: null,
    people: 1,
    has_link: false,
    read_position: 0,
    unread: 0,
    draft: "",
    place: null,
    ...fields,
  }
}

/** A server that answers from a table: "GET path" -> value, function or ApiError. It notes every call. */
export class FakeApi {
  /** @type {{method: string, path: string, body?: any}[]} */
  calls = []

  /** @param {Record<string, any>} answers */
  constructor(answers = {}) {
    this.answers = answers
  }

  get = (path) => this.#answer("GET", path)
  post = (path, body) => this.#answer("POST", path, body)
  patch = (path, body) => this.#answer("PATCH", path, body)
  delete = (path) => this.#answer("DELETE", path)

  /** @param {string} method @param {string} path @param {any} [body] */
  async #answer(method, path, body) {
    this.calls.push({ method, path, body })
    const key = `${method} ${path}`
    const known = this.answers[key] ?? this.answers[key.split("?")[0]]
    if (known === undefined) throw new ApiError(404, { code: "not_found", detail: `Nothing at ${key}` })
    const value = typeof known === "function" ? await known(body, path) : known
    if (value instanceof Error) throw value
    return structuredClone(value)
  }

  /** @param {string} method @param {string} start */
  sent(method, start) {
    return this.calls.filter((call) => call.method === method && call.path.startsWith(start))
  }
}

export class FakeSocket {
  isOpen = true
  /** @type {Frame[]} */
  frames = []
  renewed = 0

  send(frame) {
    this.frames.push(frame)
    return true
  }

  renew() {
    this.renewed++
  }
}

export function memoryStorage() {
  const values = new Map()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

/** Let everything that waits on resolved promises go on. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
