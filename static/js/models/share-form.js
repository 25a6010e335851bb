// What a new share link is to be: what a person chose, what the workspace allows, and what is sent.

import { counted } from "lib/figures.js"

/** @typedef {"none" | "public" | "signed_in" | "people"} Audience none: no link at all */
/** @typedef {"snapshot" | "live" | "chosen"} Extent */
/** @typedef {{audience: Audience, people: PersonFound[], extent: Extent, life: string, password: string, show_names: boolean, max_views: string, title?: string}} ShareChoice title: another one than the link would have */
/** @typedef {{value: string, words: string}} Life value: hours, or "never" */

const HOUR = 3_600_000
const DAY_HOURS = 24
const USUAL_HOURS = 7 * DAY_HOURS
/** The server counts from when it stores the link, and its clock may be behind ours. */
const LEEWAY = 5 * 60_000
const SHORTEST_PASSWORD = 4
const LIVES = [
  { value: "1", words: "In 1 hour" },
  { value: "24", words: "In 1 day" },
  { value: "168", words: "In 7 days" },
  { value: "720", words: "In 30 days" },
  { value: "never", words: "Never" },
]
/** Where the server's words about a field stand in the form. */
const PLACES = /** @type {Record<string, string>} */ ({ expires_at: "life", messages: "extent", until_message: "extent", kind: "extent" })
/** Refusals that name no field. */
const CODES = /** @type {Record<string, string>} */ ({ public_links_forbidden: "audience" })

/** @param {SharePolicy} policy @returns {Life[]} the longest that is allowed is among them */
export function livesUnder({ longest_link_days: days }) {
  if (days === null) return LIVES
  const hours = days * DAY_HOURS
  const allowed = LIVES.filter(({ value }) => Number(value) <= hours)
  const isListed = allowed.some(({ value }) => Number(value) === hours)
  return isListed ? allowed : [...allowed, { value: String(hours), words: `In ${counted(days, "day")}, the longest here` }]
}

/** @param {SharePolicy} policy @returns {string} what a new link begins with */
export function usualLife(policy) {
  const finite = livesUnder(policy).filter(({ value }) => Number(value) <= USUAL_HOURS)
  return finite[finite.length - 1].value
}

/**
 * The body of a POST.
 * @param {ShareChoice} choice
 * @param {{until: Id | null, messages: Id[], now: Date, policy: SharePolicy}} given messages: those that were ticked
 */
export function bodyOf({ audience, people, extent, life, password, show_names, max_views, title }, { until, messages, now, policy }) {
  return {
    audience,
    kind: extent === "live" ? "live" : "snapshot",
    show_names,
    expires_at: endOf(life, now, policy),
    ...(audience === "people" && { people: people.map(({ id }) => id) }),
    ...(until && { until_message: until }),
    ...(extent === "chosen" && { messages }),
    ...(password && { password }),
    ...(max_views && { max_views: Number(max_views) }),
    ...(title && extent !== "live" && { title }),
  }
}

/** What could be shown at most, with names: to choose from. @param {Id | null} until */
export function everything(until) {
  return { audience: "public", kind: "snapshot", show_names: true, ...(until && { until_message: until }) }
}

/** @param {string} life @param {Date} now @param {SharePolicy} policy @returns {string | null} */
function endOf(life, now, { longest_link_days }) {
  if (life === "never") return null
  const isLongest = Number(life) === (longest_link_days ?? 0) * DAY_HOURS
  return new Date(now.getTime() + Number(life) * HOUR - (isLongest ? LEEWAY : 0)).toISOString()
}

/** @param {ShareChoice} choice @param {SharePolicy} policy @returns {Record<string, string>} what must be mended first, by field */
export function mistakesIn({ audience, people, password, max_views }, policy) {
  /** @type {Record<string, string>} */
  const wrong = {}
  if (audience === "public" && !policy.public_links) wrong.audience = "This workspace has no links that open for anyone."
  if (audience === "people" && !people.length) wrong.people = "Choose at least one person."
  if (policy.password_required && !password) wrong.password = "This workspace asks for a password on every link."
  if (password && password.trim().length < SHORTEST_PASSWORD) wrong.password = `Take at least ${SHORTEST_PASSWORD} characters.`
  if (max_views && !/^[1-9]\d{0,8}$/.test(max_views)) wrong.max_views = "Write a whole number from 1 on, or nothing."
  return wrong
}

/** The server's words by the form's fields; what belongs to none is "". @param {{code: string, detail: string, fields: Record<string, string>}} error */
export function placesOf({ code, detail, fields }) {
  const placed = Object.entries(fields).map(([name, words]) => {
    const field = String(name.split(".").find((part) => !/^(body|payload|\d+)$/.test(part)) ?? name)
    return [PLACES[field] ?? field, words]
  })
  return placed.length ? Object.fromEntries(placed) : { [CODES[code] ?? ""]: detail }
}

/** One sentence: who will see what. @param {ShareChoice} choice @param {boolean} [hasLinks] whether there are links already */
export function sentenceFor(choice, hasLinks = false) {
  if (choice.audience === "none") return hasLinks ? "No further link is made." : "Only the people in this chat can open it."
  const end = choice.life === "never" ? "until you turn the link off" : `for ${lengthOf(Number(choice.life))}`
  const names = choice.show_names ? "with names" : "without names"
  const guard = choice.password ? ` ${choice.audience === "people" ? "with" : "and"} the password` : ""
  return `${who(choice)}${guard} can read ${WHAT[choice.extent]}, ${names}, ${end}.`
}

const WHAT = {
  snapshot: "what is on this branch now, and nothing that is written later",
  live: "this branch and whatever is added to it",
  chosen: "only the messages that you tick",
}

/** @param {ShareChoice} choice */
function who({ audience, people }) {
  if (audience === "public") return "Anyone with the link"
  if (audience === "signed_in") return "Everyone signed in who has the link"
  return people.length === 1 ? `Only ${people[0].name}` : `Only the ${counted(people.length, "chosen person", "chosen people")}`
}

/** @param {number} hours */
function lengthOf(hours) {
  return hours < DAY_HOURS ? counted(hours, "hour") : counted(hours / DAY_HOURS, "day")
}
