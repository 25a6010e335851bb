// What is said of a share link: who opens it, what it shows, until when, how often it was opened.

import { counted } from "lib/figures.js"
import { resetTime } from "lib/time.js"

/** @type {Record<Share["state"], {word: string, tone: string}>} */
const STATES = {
  open: { word: "Open", tone: "ok" },
  expired: { word: "Ended", tone: "" },
  revoked: { word: "Turned off", tone: "" },
  used_up: { word: "Views used up", tone: "warn" },
  forbidden: { word: "Not allowed now", tone: "bad" },
}
const FINDINGS = { email: "E-mail address", key: "Looks like a key", file: "File", name: "Name" }
const NAMED = 2
/** Of those that are over the server lists no more. */
const MOST_OVER = 50
const EXCERPT = 240
const dayOnly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" })

/** @param {Share} share */
export function stateOf({ state }) {
  return STATES[state] ?? { word: state, tone: "" }
}

/** @param {Pick<Share, "audience" | "people">} share @returns {string} "Anyone with the link", "Ben and 2 others" */
export function audienceWords({ audience, people = [] }) {
  if (audience === "public") return "Anyone with the link"
  if (audience === "signed_in") return "Everyone signed in"
  const named = people.slice(0, NAMED).map(({ name }) => name)
  const others = people.length - named.length
  if (!named.length) return "Chosen people"
  return others ? `${named.join(", ")} and ${counted(others, "other")}` : named.join(" and ")
}

/** @param {Pick<Share, "audience">} share @returns {string} an icon */
export function audienceIcon({ audience }) {
  return { public: "globe", signed_in: "building-2" }[String(audience)] ?? "users"
}

/** @param {Share} share @returns {string} "Live · names shown · with password" */
export function contentWords({ kind, show_names, has_password }) {
  return [kind === "live" ? "Live" : "As it was", show_names ? "names shown" : "names hidden", has_password && "with password"].filter(Boolean).join(" · ")
}

/** @param {Share} share @param {Date} now @returns {string} "Ends on 21 December at 10:00" */
export function endWords({ state, ends_at }, now) {
  if (state === "revoked") return "Turned off"
  if (!ends_at) return "Does not end by itself"
  const at = new Date(ends_at)
  const when = at.getFullYear() === now.getFullYear() ? resetTime(at, now, true) : `on ${dayOnly.format(at)}`
  return `${at <= now ? "Ended" : "Ends"} ${when}`
}

/** @param {Share} share @returns {string} "Opened 14 times", "Opened 1 of 3 times" */
export function viewWords({ views, max_views }) {
  if (max_views) return `Opened ${views} of ${counted(max_views, "time")}`
  if (!views) return "Not opened yet"
  return views === 1 ? "Opened once" : `Opened ${counted(views, "time")}`
}

/** @param {Share} share @param {Date} now */
export function lifeWords(share, now) {
  return `${endWords(share, now)}. ${viewWords(share)}.`
}

/** The same thing found in several places is one line. @param {Finding[]} findings @returns {{words: string, message: Id | null}[]} message: the first one that has it, null the title */
export function findingLines(findings) {
  const counts = new Map()
  for (const found of findings) {
    const before = counts.get(`${found.kind} ${found.text}`) ?? { ...found, places: [] }
    counts.set(`${found.kind} ${found.text}`, { ...before, places: [...before.places, found.message] })
  }
  return [...counts.values()].map(({ kind, text, places, message }) => ({ message, words: `${FINDINGS[/** @type {Finding["kind"]} */ (kind)] ?? kind}: ${text}${placesWords(places)}` }))
}

/** @param {(Id | null)[]} places */
function placesWords(places) {
  const words = [places.length > 1 && counted(places.length, "time"), places.includes(null) && "in the title"].filter(Boolean)
  return words.length ? ` (${words.join(", ")})` : ""
}

/** What stands above the findings. @param {number} count of lines @param {boolean} more whether there may be others */
export function findingsHead(count, more) {
  if (!count) return "This is much text, and not all of it was looked through. Read it yourself before you share."
  const these = count === 1 ? "this" : `these ${count}`
  return more ? `Look at ${these} before you share. There may be more: not everything is listed here.` : `Look at ${these} before you share:`
}

/** @param {string} content of a message @returns {string} enough to know it by */
export function excerpt(content) {
  const line = content.replace(/\s+/g, " ").trim()
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line
}

/** What opens stands before what does not any more. @param {Share[]} shares @returns {{open: Share[], closed: Share[]}} */
export function parted(shares) {
  const isShut = (/** @type {Share} */ { state }) => state === "revoked" || state === "expired"
  return { open: shares.filter((share) => !isShut(share)), closed: shares.filter(isShut) }
}

/** @param {number} count of links that do not open any more, of which the newest are listed */
export function closedWords(count) {
  if (count >= MOST_OVER) return `The newest ${count} links that are over`
  return `${counted(count, "link")} that ${count === 1 ? "is" : "are"} over`
}
