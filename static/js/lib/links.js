// Where a link of an answer may lead, and what a reader must be told about it.

const BIDI = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/
const LOOKS_LIKE_HOST = /[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u
const FILE = /\.(?:c|cfg|conf|cpp|cs|css|csv|docx?|exe|go|h|html?|ini|java|jpe?g|js|json|jsx|kt|lock|md|mjs|pdf|php|png|pl|py|rb|rs|sh|sql|svg|toml|ts|tsx|txt|xlsx?|xml|ya?ml|zip)$/i

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
  const named = LOOKS_LIKE_HOST.exec(words)?.[0].toLowerCase()
  const isFile = named !== undefined && FILE.test(named) && !/\/\/|www\./i.test(words)
  const differs = named !== undefined && !isFile && !sameSite(named, url.host)
  return differs || BIDI.test(words) || url.host.includes("xn--") ? url.host : ""
}

/** @param {string} named @param {string} host */
function sameSite(named, host) {
  const [one, other] = [named, host].map((name) => name.replace(/^www\./, "").replace(/:\d+$/, ""))
  return one === other
}
