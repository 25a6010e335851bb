// A text without its code, by the rules of the server (chat/services/mentions.py). Everything stays at its place.

const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/

/** @param {string} text @returns {string} as long as the text, with blanks in the place of fences and `spans` */
export function withoutCode(text) {
  return withoutFences(text).split(/(\n[ \t]*\n)/).map(withoutSpans).join("")
}

/** @param {string} text */
function withoutFences(text) {
  let open = ""
  const kept = text.split("\n").map((line) => {
    const bare = line.replace(/^[ \t>]+/, "").trimEnd()
    if (open && isEnd(bare, open)) open = ""
    else if (open) return blank(line)
    else if (!(open = FENCE.exec(bare)?.[0] ?? "")) return line
    return blank(line)
  })
  return kept.join("\n")
}

/** @param {string} bare @param {string} open */
function isEnd(bare, open) {
  return bare.startsWith(open) && [...bare].every((character) => character === open[0])
}

/** `code` ends with as many backticks as it begins with; what never ends is no code. @param {string} paragraph */
function withoutSpans(paragraph) {
  const runs = [...paragraph.matchAll(/`+/g)]
  const ends = endsOf(runs)
  let kept = ""
  for (const { index } of runs) {
    const end = index >= kept.length && ends.get(index)
    if (end) kept += paragraph.slice(kept.length, index) + blank(paragraph.slice(index, end))
  }
  return kept + paragraph.slice(kept.length)
}

/** Where a span ends, by where it begins. @param {RegExpExecArray[]} runs @returns {Map<number, number>} */
function endsOf(runs) {
  const ends = new Map()
  /** @type {Map<number, number>} by how many backticks */
  const following = new Map()
  for (const { 0: { length }, index } of runs.toReversed()) {
    if (following.has(length)) ends.set(index, following.get(length))
    following.set(length, index + length)
  }
  return ends
}

/** @param {string} code */
function blank(code) {
  return code.replace(/[^\n]/g, " ")
}
