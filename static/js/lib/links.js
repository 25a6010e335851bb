// Where a link of an answer may lead, and what a reader must be told about it.

const BIDI = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/
const LOOKS_LIKE_ADDRESS = /(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/u

/** @param {string} href @returns {URL | null} only absolute http, https and mailto, without a name and password */
export function safeAddress(href) {
  if (!/^(?:https?:\/\/|mailto:)/i.test(href.trim())) return null
  const url = URL.parse?.(href.trim()) ?? parsed(href.trim())
  return url && !url.username && !url.password ? url : null
}

/** @param {string} href */
function parsed(href) {
  try {
    return new URL(href)
  } catch {
    return null
  }
}

/** The real host, where the words of the link could make one believe in another. @param {URL} url @param {string} words */
export function hostToShow(url, words) {
  if (url.protocol === "mailto:") return ""
  const named = LOOKS_LIKE_ADDRESS.exec(words)?.[1].toLowerCase()
  const differs = named !== undefined && !sameSite(named, url.host) && !isFileName(words)
  return differs || BIDI.test(words) || url.host.includes("xn--") ? url.host : ""
}

/** @param {string} named @param {string} host */
function sameSite(named, host) {
  const [one, other] = [named, host].map((name) => name.replace(/^www\./, "").replace(/:\d+$/, ""))
  return one === other
}

/** "settings.py" and "version 2.10" name no host. @param {string} words */
function isFileName(words) {
  return !/https?:|www\./i.test(words) && !/\.(?:com|org|net|io|dev|app|ai|co|edu|gov|[a-z]{2})\b/iu.test(words.replace(/\.(?:py|js|ts|md|rs|go|rb|sh|cs|kt|pl|cc|hs)\b/gi, ""))
}
