// Names in a text: whom it calls, what the menu of names offers while one is typed. Knows nothing of the DOM.
// The rules are the server's (chat/services/mentions.py): not in code, not inside an address, and not the beginning of
// a longer name.

import { withoutCode } from "models/prose.js"

const MOST_PLACES = 200
// Thai and Lao, kana, Han and Hangul go on with an ending: after them a name may begin, and before them it ends.
const WORD = "(?![\\u0e00-\\u0eff\\u3040-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7a3\\uf900-\\ufaff])[\\p{L}\\p{M}\\p{N}_\\u200d]"
const BEFORE = `(?<!${WORD}|[@/\\\\+])`
const BEHIND = `(?!${WORD}|@|[.-]${WORD})`
const CALL = new RegExp(`${BEFORE}@`, "gu")
const MODEL = new RegExp(`^@gemini${BEHIND}`, "u")
const TYPED = new RegExp(`${BEFORE}@([^\\n@]{0,60})$`, "u")

/** @typedef {{id: Id | null, name: string}} Named id null: the model */

/** @type {Named} */
export const GEMINI = { id: null, name: "Gemini" }

/** Whether a message is for the model, unless the person says otherwise. @param {string | undefined} answering the conversation's rule @param {string} text */
export function asksModel(answering, text) {
  return answering !== "addressed" || callsModel(text)
}

/** @param {string} text */
function callsModel(text) {
  if (!/[@\uff20]/.test(text)) return false
  const prose = alike(withoutCode(text))
  const calls = [...prose.matchAll(CALL)].slice(0, MOST_PLACES)
  return calls.some(({ index }) => MODEL.test(prose.slice(index, index + 20)))
}

/** The name that is being typed before the caret. @param {string} text @param {number} caret @returns {{from: number, word: string} | null} from: where its @ stands */
export function nameAt(text, caret) {
  const found = TYPED.exec(text.slice(0, caret))
  return found && { from: found.index, word: found[1] }
}

/** @param {string} word what was typed behind the @ @param {Named[]} people @returns {Named[]} whom it may mean: by the whole name or the beginning of a word in it */
export function fitting(word, people) {
  const wanted = alike(word)
  const fits = (/** @type {Named} */ { name }) => alike(name).startsWith(wanted) || alike(name).split(/\s+/).some((part) => part.startsWith(wanted))
  return people.filter(fits)
}

/** The text with a name in the place of what was typed. @param {string} text @param {number} caret @param {Named} named @returns {{text: string, caret: number}} */
export function withName(text, caret, { name }) {
  const from = nameAt(text, caret)?.from ?? caret
  const before = `${text.slice(0, from)}@${name} `
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length }
}

/** Names that were taken from the menu: behind their @ no other is offered until the name is changed. */
export class TakenNames {
  /** By where the @ stands. @type {Map<number, string>} */
  #words = new Map()

  /** @param {number} from @param {Named} named */
  add(from, { name }) {
    this.#words.set(from, `${name} `)
  }

  /** @param {{from: number, word: string}} typed */
  has({ from, word }) {
    const isTaken = word.startsWith(this.#words.get(from) ?? "\n")
    if (!isTaken) this.#words.delete(from)
    return isTaken
  }
}

/** @typedef {{text: string, named?: Named}} Part */

/** A text in parts, those that name somebody marked. @param {string} text @param {Named[]} people @returns {Part[]} */
export function markedParts(text, people) {
  if (!text.includes("@")) return [{ text }]
  const handles = handlesOf([...people, GEMINI])
  const pattern = new RegExp(`${BEFORE}@(?:${[...handles.keys()].map(escaped).join("|")})${BEHIND}`, "giu")
  /** @type {Part[]} */
  const parts = []
  let at = 0
  for (const { 0: found, index } of withoutCode(text).matchAll(pattern)) {
    if (index > at) parts.push({ text: text.slice(at, index) })
    parts.push({ text: found, named: handles.get(alike(found.slice(1))) })
    at = index + found.length
  }
  return at < text.length ? [...parts, { text: text.slice(at) }] : parts
}

/** What calls whom, the longest first: whole names, and first names that nobody shares. @param {Named[]} people @returns {Map<string, Named>} */
function handlesOf(people) {
  const firsts = people.map(({ name }) => alike(name).split(/\s+/)[0])
  const isUnique = (/** @type {string} */ first) => firsts.filter((other) => other === first).length === 1
  const handles = people.flatMap((named, at) => [[alike(named.name), named], ...(isUnique(firsts[at]) ? [[firsts[at], named]] : [])])
  return new Map(/** @type {[string, Named][]} */ (handles).filter(([name]) => name).sort(([one], [other]) => other.length - one.length))
}

/** @param {string} text */
function alike(text) {
  return text.normalize("NFKC").toLowerCase().trimStart()
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
}
