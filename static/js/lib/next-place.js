// For marked, which asks after every piece of text where the next extension may begin.

const NEAR = 500

/**
 * Where the pattern is next, or how far it certainly is not: looking to the end each time would be quadratic.
 * @param {string} source @param {RegExp} pattern @returns {number | undefined}
 */
export function nextPlace(source, pattern) {
  if (source.length <= NEAR) return found(source, pattern)
  const near = source.slice(0, NEAR)
  // Cut at a space, so that no address is cut in two.
  return found(near, pattern) ?? Math.max(near.lastIndexOf(" "), NEAR / 2)
}

/** @param {string} source @param {RegExp} pattern */
function found(source, pattern) {
  const at = source.search(pattern)
  return at < 0 ? undefined : at
}
