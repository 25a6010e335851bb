// localStorage that may be full or forbidden: then the page goes on without it.

/** @type {StorageLike} */
export const storage = {
  getItem: (key) => attempt(() => localStorage.getItem(key)) ?? null,
  setItem: (key, value) => void attempt(() => localStorage.setItem(key, value)),
  removeItem: (key) => void attempt(() => localStorage.removeItem(key)),
}

/** @template T @param {() => T} work */
function attempt(work) {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** @param {StorageLike} store @param {string} key @param {any} fallback */
export function readJson(store, key, fallback) {
  try {
    return JSON.parse(store.getItem(key) ?? "null") ?? fallback
  } catch {
    return fallback
  }
}
