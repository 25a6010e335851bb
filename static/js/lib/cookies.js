// Cookies that the templates read, so that a page comes in the right theme and with the right sidebar from its first byte.

const YEAR = 365 * 24 * 3600

/** @param {string} name @param {string} value empty: forget it */
export function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`
}
