// A running answer may have reserved the rest of the budget. It usually ends soon: ask again for a while before saying so.

import { ApiError } from "lib/api.js"

const STEP = 1000
const LONGEST = 5000

/** @template T @param {() => Promise<T>} ask @param {(ms: number) => Promise<void>} [wait] @returns {Promise<T>} */
export async function patiently(ask, wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
  for (let waited = 0; ; waited += STEP) {
    try {
      return await ask()
    } catch (error) {
      if (waited >= LONGEST || !isInFlight(error)) throw error
      await wait(STEP)
    }
  }
}

/** @param {unknown} error */
function isInFlight(error) {
  return error instanceof ApiError && error.status === 402 && error.told.reason === "in_flight"
}
