const FENCED = /^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^ {0,3}\1[ \t]*$|$(?![\s\S]))/gm

/** @param {Message[]} turns @returns {string | null} the newest code block of the newest answer that has one */
export function lastCodeBlock(turns) {
  for (const { role, content } of turns.toReversed()) {
    const block = role === "assistant" ? [...content.matchAll(FENCED)].at(-1) : undefined
    if (block) return block[2].replace(/\n$/, "")
  }
  return null
}
