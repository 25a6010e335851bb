import assert from "node:assert/strict"
import { test } from "node:test"

import { blockTokens } from "lib/grammar.js"
import { BlockSplitter } from "models/blocks.js"

const SNIPPETS = ["A paragraph.\n", "\n", "# Title\n", "### Deeper\n", "- item\n", "- [ ] task\n", "  continued\n", "1. one\n", "   ```py\n   x\n   ```\n", "```js\nlet a\n\nb\n```\n", "```\nopen\n", "~~~\n", "> quote\n", "| a | b |\n", "|---|---|\n", "| 1 | 2 |\n", "$$\n", "x = 1\n- y\n", "\\[\n", "\\]\n", "[r]: https://example.org 't'\n", "[^1]: note\n", "---\n", "===\n", "    code\n", "<div>\n", "</div>\n", "lazy\n", "*open **bold\n", "text $a$ and `code`\n", "한국어 **“가”**는\n"]

/** A small generator with a seed. */
function generator(seed) {
  return () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
}

const whole = (text) => new BlockSplitter(blockTokens).update(text, true)
const sources = (blocks) => blocks.map(({ type, level, source }) => ({ type, level, source }))

/** Tells the text in pieces; what was the same object twice must be it for ever. */
function streamed(text, size) {
  const splitter = new BlockSplitter(blockTokens)
  let before = []
  let kept = 0
  for (let at = 0; at < text.length; at += size()) {
    const blocks = splitter.update(text.slice(0, at))
    const same = blocks.findIndex((block, index) => block !== before[index])
    assert.ok((same < 0 ? blocks.length : same) >= kept, `block ${same} was made anew at ${at} of ${JSON.stringify(text)}`)
    kept = same < 0 ? blocks.length : same
    before = blocks
  }
  return splitter.update(text, true)
}

test("a text told piece by piece ends in the same blocks as one told at once", () => {
  const seed = Date.now() % 100000
  const random = generator(seed)
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 2 + Math.floor(random() * 14) }, () => SNIPPETS[Math.floor(random() * SNIPPETS.length)]).join("")
    assert.deepEqual(sources(streamed(text, () => 1 + Math.floor(random() * 9))), sources(whole(text)), `seed ${seed}, ${JSON.stringify(text)}`)
  }
})

test("a text that was at its end and goes on ends in the same blocks as one told at once", () => {
  const random = generator(7)
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 2 + Math.floor(random() * 14) }, () => SNIPPETS[Math.floor(random() * SNIPPETS.length)]).join("")
    const splitter = new BlockSplitter(blockTokens)
    const cut = Math.floor(random() * text.length)
    splitter.update(text.slice(0, cut), true)
    for (let at = cut; at < text.length; at += 1 + Math.floor(random() * 9)) splitter.update(text.slice(0, at))
    assert.deepEqual(sources(splitter.update(text, true)), sources(whole(text)), `${cut} of ${JSON.stringify(text)}`)
  }
})

test("blocks put together are the text, but for definitions and empty lines", () => {
  const text = "# A\n\nB\nc\n\n- d\n\n  e\n- f\n\n```\ng\n\n```\n\n| h |\n|---|\n| i |\n"
  assert.equal(whole(text).map(({ source }) => source.trim()).join("\n\n"), "# A\n\nB\nc\n\n- d\n\n  e\n- f\n\n```\ng\n\n```\n\n| h |\n|---|\n| i |")
})

test("a block is settled when the next has begun on a complete line, not before", () => {
  const splitter = new BlockSplitter(blockTokens)
  const whole = (text) => splitter.update(text).map(({ isWhole }) => isWhole)
  assert.deepEqual(whole("One"), [false])
  assert.deepEqual(whole("One\n\n"), [false])
  assert.deepEqual(whole("One\n\nTwo"), [false, false])
  assert.deepEqual(whole("One\n\nTwo\n"), [true, false])
})

test("a closed fence is whole at once, so that it gets its colours", () => {
  const splitter = new BlockSplitter(blockTokens)
  assert.equal(splitter.update("```py\nx\n``")[0].isWhole, false)
  assert.equal(splitter.update("```py\nx\n```")[0].isWhole, true)
})

test("an empty line in an open fence, list or formula splits nothing", () => {
  for (const text of ["```\na\n\n# b\n\nc\n", "- a\n\n  b\n\n  c\n", "$$\na\n\n- b\n\n= c\n"]) {
    assert.equal(new BlockSplitter(blockTokens).update(text).length, 1, text)
  }
})

test("a formula without its end is open while it is written, and text when it stays so", () => {
  const splitter = new BlockSplitter(blockTokens)
  assert.deepEqual(splitter.update("$$\nx = 1").map(({ type, isOpen }) => [type, isOpen]), [["blockFormula", true]])
  assert.deepEqual(splitter.update("$$\nx = 1\n$$").map(({ type, isOpen }) => [type, isOpen]), [["blockFormula", false]])
  assert.deepEqual(whole("$$\nx = 1").map(({ type, isOpen }) => [type, isOpen]), [["paragraph", false]])
})

test("headings start below the turn's own and skip no level", () => {
  const levels = (text) => whole(text).map(({ level }) => level)
  assert.deepEqual(levels("# A\n\n## B\n\n# C"), [3, 4, 3])
  assert.deepEqual(levels("### A\n\n###### B\n\n#### C\n\n# D"), [3, 4, 4, 3])
  assert.deepEqual(levels("# A\n\n## B\n\n### C\n\n#### D\n\n##### E"), [3, 4, 5, 6, 6])
})

test("definitions are gathered, not drawn, and cannot reach a prototype", () => {
  const splitter = new BlockSplitter(blockTokens)
  const blocks = splitter.update("[a]\n\n[a]: https://example.org/a\n[__proto__]: https://example.org/b\n\nEnd", true)
  assert.deepEqual(blocks.map(({ type }) => type), ["paragraph", "paragraph"])
  assert.deepEqual(Object.keys(splitter.links), ["a", "__proto__"])
  assert.equal(Object.getPrototypeOf(splitter.links), null)
})

test("every way to end a line is the same, also cut in two", () => {
  const splitter = new BlockSplitter(blockTokens)
  assert.equal(splitter.update("a\r").length, 1)
  assert.deepEqual(splitter.update("a\r\n\r\nb\rc", true).map(({ source }) => source.trim()), ["a", "b\nc"])
})

test("another text begins anew", () => {
  const splitter = new BlockSplitter(blockTokens)
  splitter.update("# One\n\nTwo\n\nThree\n")
  assert.deepEqual(splitter.update("Other\n\nWords", true).map(({ source }) => source.trim()), ["Other", "Words"])
})

test("a long block is plain until it is whole, code is never", () => {
  const long = "word ".repeat(5000)
  const splitter = new BlockSplitter(blockTokens)
  assert.equal(splitter.update(long)[0].type, "plain")
  assert.equal(splitter.update(long, true)[0].type, "paragraph")
  assert.equal(new BlockSplitter(blockTokens).update(`\`\`\`\n${long}`)[0].type, "code")
})

test("what the parser cannot take apart is one plain block", () => {
  const failing = new BlockSplitter(() => {
    throw new RangeError("Maximum call stack size exceeded")
  })
  assert.deepEqual(failing.update("a", true).map(({ type }) => type), ["plain"])
  assert.deepEqual(new BlockSplitter(() => [{ type: "paragraph", raw: "short" }]).update("longer", true).map(({ type }) => type), ["plain"])
})
