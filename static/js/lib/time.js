// Times in words. The reader's own clock and language order; the words are English like the page.

const DAY = 86_400_000
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" })
const fullDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" })
const monthName = new Intl.DateTimeFormat("en-GB", { month: "long" })
const monthAndYear = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" })
const weekdayName = new Intl.DateTimeFormat("en-GB", { weekday: "short" })
const everything = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" })

/** @param {Date} date @returns {string} "14:02" */
export function clockTime(date) {
  return clock.format(date)
}

/** @param {Date} date @returns {string} "21 November 2026" */
export function fullDate(date) {
  return fullDay.format(date)
}

/** @param {Date} date @returns {string} "Saturday, 21 November 2026 at 14:02" */
export function fullTime(date) {
  return everything.format(date)
}

/** @param {Date} date @param {Date} now @returns {number} midnights between them, 0: the same day */
export function daysAgo(date, now) {
  return Math.round((startOfDay(now).getTime() - startOfDay(date).getTime()) / DAY)
}

/** @param {Date} date @param {Date} now @returns {string} "Today, 21 November" */
export function dayName(date, now) {
  const days = daysAgo(date, now)
  if (days === 0) return `Today, ${dayAndMonth.format(date)}`
  if (days === 1) return `Yesterday, ${dayAndMonth.format(date)}`
  return date.getFullYear() === now.getFullYear() ? dayAndMonth.format(date) : fullDay.format(date)
}

/** @param {Date} date @param {Date} now @returns {string} "October", or "October 2025" in another year */
export function monthOf(date, now) {
  return (date.getFullYear() === now.getFullYear() ? monthName : monthAndYear).format(date)
}

/** @param {number} hour 0 to 23 */
export function greeting(hour) {
  if (hour >= 5 && hour < 12) return "Good morning"
  return hour >= 12 && hour < 18 ? "Good afternoon" : "Good evening"
}

/** @param {number} ms @returns {string} "8.4 s" or "2 min 5 s" */
export function duration(ms) {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** @param {Date} date in the future @param {Date} now @param {boolean} [whole] with the day in full @returns {string} "at 00:00", "Mon 00:00", "1 December"; whole: "on 1 December at 00:00" */
export function resetTime(date, now, whole = false) {
  if (whole) return `on ${dayAndMonth.format(date)} at ${clock.format(date)}`
  const days = -daysAgo(date, now)
  if (days === 0) return `at ${clock.format(date)}`
  return days < 7 ? `${weekdayName.format(date)} ${clock.format(date)}` : dayAndMonth.format(date)
}

/** @param {Date} date */
function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate())
}
