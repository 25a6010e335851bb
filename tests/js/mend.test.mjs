import assert from "node:assert/strict"
import { test } from "node:test"

import { mend } from "models/mend.js"

const CASES = {
  "emphasis is closed": { "a **b": "a **b**", "a **b ": "a **b**", "*a **b": "*a **b***", "~~a": "~~a~~", "**a** *b": "**a** *b*", "_a": "_a_", "***a": "***a***" },
  "a mark that may become anything waits": { "a **": "a ", "**a*": "**a**", "**a *b**": "**a *b***", "~~a~": "~~a~~", "a *": "a " },
  "what is no emphasis stays": { "2 * 3": "2 * 3", "snake_case_name": "snake_case_name", "a \\*b": "a \\*b", "**a**": "**a**", "*a* b": "*a* b" },
  "code is closed, and nothing is closed in it": { "a `b": "a `b`", "a `b **c": "a `b **c`", "a ``b`": "a ``b``", "**a `b": "**a `b`**", "a `": "a ", "`a` **b": "`a` **b**" },
  "half a link is its words": { "[a](https://exam": "a", "![a](x": "a", "**[a](x": "**a**", "[a](b) c": "[a](b) c" },
  "a line of marks waits": { "a\n-": "a\n", "a\n--": "a\n", "a\n=": "a\n", "a\n\n#": "a\n\n", "a\n1": "a\n", "a\n12.": "a\n", "a\n\n```": "a\n\n", "- a\n- [": "- a\n", "a\n|": "a\n", "$$": "", "a\n\n>": "a\n\n" },
  "the first line of a table is one": { "| a | b": "| a | b\n|---|---|", "| a |\n|--": "| a |\n|---|", "| a \\| b": "| a \\| b\n|---|", "x\n\n| a | b |\n": "x\n\n| a | b |\n|---|---|" },
  "an open fence is left alone": { "```js\na **b": "```js\na **b", "```js\na\n``": "```js\na\n", "~~~\n- [": "~~~\n- [", "- a\n  ```\n  **b": "- a\n  ```\n  **b", "```\na\n```": "```\na\n```" },
  "only the last paragraph is looked at": { "a **b\n\nc": "a **b\n\nc", "# a *b\nc *d": "# a *b\nc *d*", "- **a\n- *b": "- **a\n- *b*" },
}

for (const [name, pairs] of Object.entries(CASES)) {
  test(name, () => {
    for (const [text, expected] of Object.entries(pairs)) assert.equal(mend(text).text, expected, JSON.stringify(text))
  })
}

test("an open formula is closed and said to be open", () => {
  assert.deepEqual(mend("$$\nx"), { text: "$$\nx\n$$", isOpen: true })
  assert.deepEqual(mend("\\[\nx\n"), { text: "\\[\nx\n\\]", isOpen: true })
  assert.deepEqual(mend("$$\nx\n$$"), { text: "$$\nx\n$$", isOpen: false })
  assert.deepEqual(mend("1. a\n   $$\n   x"), { text: "1. a\n   $$\n   x\n   $$", isOpen: true })
  assert.equal(mend(`$$\n${"x".repeat(6000)}`).isOpen, false)
})

test("mending is quick on what makes parsers slow", () => {
  const begun = performance.now()
  for (const text of ["*".repeat(100_000), "`".repeat(100_000), "[".repeat(100_000), "_a".repeat(50_000), "|".repeat(100_000), "\n".repeat(100_000), "$$\n".repeat(30_000), "> ".repeat(50_000), "- ".repeat(50_000), "[a](".repeat(25_000)]) mend(text)
  assert.ok(performance.now() - begun < 2000)
})
