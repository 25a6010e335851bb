// Puts conversations under headings: pinned, then by the day of their last activity.

import { daysAgo, monthOf } from "lib/time.js"

/** @typedef {{name: string, items: Conversation[]}} Group */

/** @param {Conversation[]} conversations newest first @param {Date} now @returns {Group[]} in order, none empty */
export function groupByDay(conversations, now) {
  /** @type {Map<string, Conversation[]>} */
  const groups = new Map()
  for (const conversation of conversations) {
    const name = groupOf(conversation, now)
    groups.set(name, [...(groups.get(name) ?? []), conversation])
  }
  const pinned = groups.get("Pinned")
  groups.delete("Pinned")
  return [...(pinned ? [["Pinned", pinned]] : []), ...groups].map(([name, items]) => /** @type {Group} */ ({ name, items }))
}

/** @param {Conversation} conversation @param {Date} now */
function groupOf(conversation, now) {
  const date = new Date(conversation.updated_at)
  const days = daysAgo(date, now)
  if (conversation.pinned && !conversation.archived) return "Pinned"
  if (days <= 0) return "Today"
  if (days === 1) return "Yesterday"
  if (days <= 7) return "Previous 7 days"
  return days <= 30 ? "Previous 30 days" : monthOf(date, now)
}
