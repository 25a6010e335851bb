// What went wrong, in words that need no form beside them.

import { ApiError, problemOf } from "lib/api.js"

/** @param {unknown} error */
export function wordsOf(error) {
  const fields = error instanceof ApiError ? Object.values(error.fields) : []
  return [problemOf(error).detail, ...fields].join(" ")
}
