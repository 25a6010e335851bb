// JSON over HTTP with one error shape. Knows nothing of chats.
// Everything that is sent again carries an id made here, so that a repeat changes nothing.

const RETRYABLE = new Set([0, 408, 502, 503, 504])
const TRIES = 3
const PATIENCE = 10_000

/** What went wrong, in words for people. status 0: no answer from the server at all. */
export class ApiError extends Error {
  /** @param {number} status @param {Record<string, any>} body */
  constructor(status, body) {
    super(body.detail)
    this.status = status
    this.code = String(body.code ?? "unknown")
    this.detail = String(body.detail ?? "That did not work.")
    /** @type {Record<string, string>} */
    this.fields = body.fields ?? {}
    this.told = body
    this.retryAfter = Number(body.retry_after) || 0
  }
}

/** What went wrong, for people. @param {unknown} error */
export function problemOf(error) {
  if (error instanceof ApiError) return { code: error.code, detail: error.detail, ...(error.retryAfter && { retryAfter: error.retryAfter }), ...(error.code === "budget_exceeded" && { refusal: /** @type {Refusal} */ (error.told) }) }
  return { code: "broken", detail: error instanceof Error ? error.message : String(error) }
}

/** @typedef {{method?: string, body?: object, signal?: AbortSignal, tries?: number, keepalive?: boolean}} Call keepalive: goes out although the page goes away */

export class Api {
  #fetch
  #wait
  #timeout
  #token
  #signedOut

  /**
   * @param {{fetch?: typeof globalThis.fetch, wait?: (ms: number) => Promise<void>, timeout?: number, token?: () => string, signedOut?: () => void}} edges
   */
  constructor({ fetch = globalThis.fetch.bind(globalThis), wait = pause, timeout = 15_000, token = csrfToken, signedOut = () => {} } = {}) {
    this.#fetch = fetch
    this.#wait = wait
    this.#timeout = timeout
    this.#token = token
    this.#signedOut = signedOut
  }

  /** @param {string} path @param {Call} [call] */
  get(path, call) {
    return this.#persist(path, { ...call, method: "GET" })
  }

  /** @param {string} path @param {object} [body] @param {Call} [call] */
  post(path, body = {}, call) {
    return this.#persist(path, { ...call, method: "POST", body })
  }

  /** @param {string} path @param {object} body @param {Call} [call] */
  put(path, body, call) {
    return this.#persist(path, { ...call, method: "PUT", body })
  }

  /** @param {string} path @param {object} body @param {Call} [call] */
  patch(path, body, call) {
    return this.#persist(path, { ...call, method: "PATCH", body })
  }

  /** @param {string} path @param {Call} [call] */
  delete(path, call) {
    return this.#persist(path, { ...call, method: "DELETE" })
  }

  /** @param {string} path @param {Call} call @returns {Promise<any>} */
  async #persist(path, call) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(path, call)
      } catch (error) {
        if (!mayRetry(error, attempt, call)) throw error
        await this.#wait(retryAfter(error) + backoff(attempt))
      }
    }
  }

  /** @param {string} path @param {Call} call */
  async #once(path, call) {
    const response = await this.#reach(path, call)
    const body = await readJson(response)
    if (response.ok) return body
    if (response.status === 401) this.#signedOut()
    const told = body ?? { code: "unreadable", detail: `The server answered ${response.status}.` }
    throw new ApiError(response.status, { retry_after: response.headers.get("Retry-After"), ...told })
  }

  /** @param {string} path @param {Call} call */
  async #reach(path, { method, body, signal, keepalive }) {
    const timeout = AbortSignal.timeout(this.#timeout)
    try {
      return await this.#fetch(`/api/v1/${path}`, {
        method,
        credentials: "same-origin",
        keepalive,
        headers: headersFor(method, this.#token),
        body: body && JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ApiError(0, { code: timeout.aborted ? "timeout" : "offline", detail: unreachable(timeout.aborted) })
    }
  }
}

/** @param {number} attempt from 1 @returns {number} milliseconds, with full jitter */
export function backoff(attempt, random = Math.random) {
  return 200 + random() * 500 * 2 ** attempt
}

/** @param {string} [cookies] @returns {string} the token that Django's CSRF check wants in X-CSRFToken */
export function csrfToken(cookies = document.cookie) {
  return /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(cookies)?.[1] ?? ""
}

/** @param {Record<string, string | number | boolean | null | undefined>} values empty ones are left out */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "")
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : ""
}

/** @param {unknown} error @param {number} attempt @param {Call} call */
function mayRetry(error, attempt, { tries = TRIES, signal }) {
  return error instanceof ApiError && RETRYABLE.has(error.status) && attempt < tries && !signal?.aborted && retryAfter(error) <= PATIENCE
}

/** @param {unknown} error @returns {number} milliseconds that the server asked to wait */
function retryAfter(error) {
  return error instanceof ApiError ? error.retryAfter * 1000 : 0
}

/** @param {string | undefined} method @param {() => string} token @returns {Record<string, string>} */
function headersFor(method, token) {
  if (method === "GET") return { Accept: "application/json" }
  return { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token() }
}

/** @param {Response} response */
async function readJson(response) {
  if (response.status === 204) return null
  return response.json().catch(() => null)
}

/** @param {boolean} late */
function unreachable(late) {
  return late ? "The server did not answer in time." : "The server cannot be reached."
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
