// How the parts of a turn are drawn that do not hold its text: who said it, how it ended, what can be done with it.

import { find, setIcon, setText } from "lib/dom.js"
import { drawFace } from "lib/people.js"
import { clockTime, fullTime } from "lib/time.js"
import { isLive, isWaiting } from "models/status.js"
import { askedBy, headingOf, modelName, noticeOf } from "models/turn-view.js"

const MAIN = { continue: { icon: "play", words: "Continue" }, retry: { icon: "refresh-cw", words: "Retry" } }

/** @typedef {{page: Page, team: import("models/team.js").Team, asker: Person | null, versions: Id[], isBusy: boolean, isLast: boolean}} Surroundings asker: who wrote what an answer answers */

/** @param {Element} turn @param {Message} message @param {Surroundings} around */
export function showHead(turn, message, around) {
  const { page, team } = around
  const made = new Date(message.created_at)
  const isAnswer = message.role === "assistant"
  setText(find(turn, "[data-heading]"), headingOf(message, team))
  setText(find(turn, "[data-name]"), isAnswer ? "Gemini" : (message.author?.name ?? "Somebody"))
  const time = find(turn, "[data-time]")
  setText(time, isWaiting(message) ? "next" : isAnswer && isLive(message.status) ? "now" : clockTime(made))
  Object.assign(time, { dateTime: message.created_at, title: fullTime(made) })
  if (isAnswer) showOrigin(turn, message, around)
  else showAuthor(turn, message, page.me.id)
}

/** @param {Element} turn @param {Message} message @param {Surroundings} around */
function showOrigin(turn, message, { page, team, asker }) {
  setText(find(turn, "[data-model]"), modelName(message.completion?.model || message.model, page.models.items))
  setText(find(turn, "[data-asker]"), askedBy(message, team, asker))
}

/** @param {Element} turn @param {Message} message @param {Id} me */
function showAuthor(turn, { author }, me) {
  find(turn, "[data-you]").hidden = author?.id !== me
  drawFace(find(turn, "[data-avatar]"), author, me)
}

/** @param {Element} turn @param {Message} message @param {Surroundings} around */
export function showNotice(turn, message, { isLast, team }) {
  const box = find(turn, "[data-notice]")
  const notice = noticeOf(message)
  box.hidden = !notice
  if (!notice) return
  box.dataset.tone = notice.tone
  setIcon(find(box, ".icon"), notice.icon)
  setText(find(box, "[data-title]"), notice.title)
  setText(find(box, "[data-words]"), notice.words)
  find(box, "[data-more]").hidden = !notice.details
  setText(find(box, "[data-details]"), notice.details)
  showMain(find(box, "[data-main]"), notice.action ?? "retry", isLast)
  find(box, "[data-main]").hidden = !team.mayWrite
}

/** @param {HTMLButtonElement} button @param {"continue" | "retry"} action @param {boolean} isLast */
function showMain(button, action, isLast) {
  button.dataset.act = action
  button.classList.toggle("primary", isLast)
  setIcon(find(button, ".icon"), MAIN[action].icon)
  setText(find(button, "span"), MAIN[action].words)
}

// While an answer is written nothing may be asked beside it; what only reads stays.
/** @param {Element} turn @param {Message} message @param {Surroundings} around */
export function showFoot(turn, message, { versions, isBusy, team }) {
  const gone = Boolean(message.deleted_at)
  const running = message.role === "assistant" && isLive(message.status)
  const fixed = gone || running || message.sending === "pending"
  showBranch(turn, message, versions, isBusy)
  hide(turn, '[data-act="copy"]', gone || !message.content)
  hide(turn, '[data-act="again"], [data-again-with]', gone || running || Boolean(message.sending) || !team.mayWrite)
  hide(turn, '[data-act="edit"]', fixed || !team.mayEdit(message))
  hide(turn, '[data-act="delete"]', fixed || !team.mayDelete(message))
  hide(turn, '[data-act="stop"]', !team.mayStop(message) || mayBeTakenBack(message, team))
  for (const action of actions(turn, '[data-act="again"], [data-again-with], [data-act="edit"], [data-main]')) action.disabled = isBusy
}

/** @param {Message} message @param {import("models/team.js").Team} team */
export function mayBeTakenBack(message, team) {
  return isWaiting(message) && team.caused(message) && team.mayWrite
}

/** @param {Element} turn @param {string} selector @param {boolean} isHidden */
function hide(turn, selector, isHidden) {
  for (const action of actions(turn, selector)) action.hidden = isHidden
}

/** @param {Element} turn @param {string} selector @returns {NodeListOf<HTMLButtonElement>} */
function actions(turn, selector) {
  return turn.querySelectorAll(selector)
}

/** @param {Element} turn @param {Message} message @param {Id[]} versions @param {boolean} isBusy */
function showBranch(turn, { id }, versions, isBusy) {
  const at = versions.indexOf(id)
  find(turn, "[data-branch]").hidden = versions.length < 2 || at < 0
  setText(find(turn, "[data-place]"), `${at + 1} / ${versions.length}`)
  find(turn, '[data-act="previous"]').disabled = at <= 0 || isBusy
  find(turn, '[data-act="next"]').disabled = at >= versions.length - 1 || isBusy
}
