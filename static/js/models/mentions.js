// Names in a text: whom it calls, what the menu of names offers while one is typed. Knows nothing of the DOM.

/** The rule of the server: not inside an address, and not the beginning of a longer name. */
const MODEL = /(?<![\w@./-])@gemini(?![\w@]|[.-]\w)/iu
const TYPED = /(?<![\p{L}\p{M}\p{N}_@/\\+])@([^\n@]{0,60})$/u
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]+`/g
const BEFORE = "(?<![\\p{L}\\p{M}\\p{N}_@/\\\\+])"
const BEHIND = "(?![\\p{L}\\p{M}\\p{N}_@]|[.-][\\p{L}\\p{N}])"

/** @typedef {{id: Id | null, name: string}} Named id null: the model */

/** @type {Named} */
export const GEMINI = { id: null, name: "Gemini" }

/** Whether a message is for the model, unless the person says otherwise. @param {string | undefined} answering the conversation's rule @param {string} text */
export function asksModel(answering, text) {
  return answering !== "addressed" || MODEL.test(text)
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

/** @typedef {{text: string, named?: Named}} Part */

/** A text in parts, those that name somebody marked. @param {string} text @param {Named[]} people @returns {Part[]} */
export function markedParts(text, people) {
  if (!text.includes("@")) return [{ text }]
  const handles = handlesOf([...people, GEMINI])
  const pattern = new RegExp(`${BEFORE}@(?:${[...handles.keys()].map(escaped).join("|")})${BEHIND}`, "giu")
  return split(text, CODE, (code) => ({ text: code })).flatMap((part) => (part.isFound ? [part] : split(part.text, pattern, (found) => ({ text: found, named: handles.get(alike(found.slice(1))) }))))
}

/** What calls whom, the longest first: whole names, and first names that nobody shares. @param {Named[]} people @returns {Map<string, Named>} */
function handlesOf(people) {
  const firsts = people.map(({ name }) => alike(name).split(/\s+/)[0])
  const isUnique = (/** @type {string} */ first) => firsts.filter((other) => other === first).length === 1
  const handles = people.flatMap((named, at) => [[alike(named.name), named], ...(isUnique(firsts[at]) ? [[firsts[at], named]] : [])])
  return new Map(/** @type {[string, Named][]} */ (handles).filter(([name]) => name).sort(([one], [other]) => other.length - one.length))
}

/**
 * @param {string} text @param {RegExp} pattern with the flag g @param {(found: string) => Part} made
 * @returns {(Part & {isFound?: boolean})[]}
 */
function split(text, pattern, made) {
  const parts = []
  let at = 0
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index > at) parts.push({ text: text.slice(at, index) })
    parts.push({ ...made(found), isFound: true })
    at = index + found.length
  }
  return at < text.length ? [...parts, { text: text.slice(at) }] : parts
}

/** @param {string} text */
function alike(text) {
  return text.normalize("NFKC").toLowerCase().trimStart()
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")
}
