import assert from "node:assert/strict"
import { test } from "node:test"

import { allTokens } from "lib/grammar.js"
import { canHighlight, labelOf } from "lib/highlight.js"
import { htmlOf } from "lib/html.js"
import { hostToShow, safeAddress } from "lib/links.js"
import { awaitedMath, renderMath } from "lib/math.js"
import { isTex } from "lib/math-grammar.js"

const html = (source) => htmlOf(allTokens(source)).trim()
const formulas = (source) => [...html(source).matchAll(/<code class="tex">(.*?)<\/code>/g)].map(([, tex]) => tex)

test("what nobody nests is text, so that the stack holds", () => {
  for (const mark of [">", "> ", "1. ", "> - "]) assert.ok(html(mark.repeat(10_000)).match(/<(blockquote|[uo]l)/g).length <= 20, mark)
})

test("a line of dashes under words is a line, a title stands above equals signs", () => {
  assert.match(html("words\n---\nmore"), /<p dir="auto">words<\/p>\n<hr>/)
  assert.match(html("Title\n=====\nmore"), /<strong>Title<\/strong>/)
})

test("dollars are prices unless they look like TeX", () => {
  for (const text of ["It costs $5 and $6.", "between $5-$6", "$5 or 6$", "US$5 and US$6", "$5 million and 10$", "$100 per month, 200$", "$HOME/$PATH", "a $ b $ c", "$5에서 $10까지", "cost: $1,000, tax: $50"]) assert.deepEqual(formulas(text), [], text)
  for (const [text, tex] of [["$x$", "x"], ["$2x + 3$.", "2x + 3"], ["$n$-th", "n"], ["$x$는", "x"], ["($a_1$)", "a_1"], ["$10^{max}$", "10^{max}"], ["$5$ apples", "5"], ["$\\$5$", "\\$5"], ["**$x*y*z$**", "x*y*z"], ["$a_1$ and $b_2$", "a_1"]]) assert.equal(formulas(text)[0], tex, text)
})

test("the other delimiters", () => {
  assert.deepEqual(formulas("\\(x\\) and \\[y\\] and $$z$$"), ["x", "y", "z"])
  assert.match(html("$$\na\n\nb\n$$"), /^<div class="formula">/)
  assert.match(html("\\[\nx\n\\]"), /^<div class="formula">/)
  assert.match(html("text\n$$\nx\n$$\nmore"), /<p dir="auto">text<\/p>\n<div class="formula">.*<\/div>\n<p dir="auto">more<\/p>/s)
  assert.match(html("- a\n\n  $$\n  x\n  $$\n"), /<li.*<div class="formula">/s)
  assert.deepEqual(formulas("`$x$` \\$x\\$ \\\\(x\\\\)"), [])
})

test("KaTeX gives MathML without styles, and its limits hold", async () => {
  await awaitedMath()
  for (const tex of ["\\color{red}{x}", "\\pmb{x}", "\\boxed{x}", "\\begin{aligned}a&=b\\\\c&=d\\end{aligned}", "\\unknown"]) {
    const drawn = renderMath(tex, true)
    assert.match(drawn, /^<math/, tex)
    assert.doesNotMatch(drawn, / style=|<span|annotation|cc0000/, tex)
  }
  assert.equal(renderMath("\\frac{a", false), '<code class="tex">\\frac{a</code>')
  assert.equal(renderMath("\\href{javascript:alert(1)}{<b>}", false), '<code class="tex">\\href{javascript:alert(1)}{&lt;b&gt;}</code>')
  assert.match(renderMath("\\rule{900em}{900em}", false), /width="20em" height="20em"/)
  assert.match(renderMath("\\kern-900em x", false), /width="-2em"/)
  assert.match(renderMath("\\raisebox{900em}{x}", false), /voffset="2em"/)
})

test("a tag is text; <br> is a line", () => {
  assert.equal(html("<b onclick=x>a</b>"), '<p dir="auto">&lt;b onclick=x&gt;a&lt;/b&gt;</p>')
  assert.equal(html("a<br>b<BR/>c"), '<p dir="auto">a<br>b<br>c</p>')
  assert.equal(html("&lt;b&gt; &#60;i&#62; &amp;lt;"), '<p dir="auto">&lt;b&gt; &lt;i&gt; &amp;lt;</p>')
  assert.equal(html("one\ntwo"), '<p dir="auto">one<br>two</p>')
})

test("emphasis beside Korean and Chinese letters, and no line through ~5", () => {
  assert.equal(html("**“가”**는"), '<p dir="auto"><strong>“가”</strong>는</p>')
  assert.equal(html("가**(나)**다"), '<p dir="auto">가<strong>(나)</strong>다</p>')
  assert.equal(html("**注意：**请"), '<p dir="auto"><strong>注意：</strong>请</p>')
  assert.equal(html("~5~ and ~~6~~"), '<p dir="auto">~5~ and <del>6</del></p>')
})

test("links are absolute, without credentials; images are links", () => {
  for (const href of ["javascript:alert(1)", "//canary.test", "/admin/", "data:text/html,x", "https://user:pass@example.org", "file:///x", "\tjavascript:x"]) assert.equal(safeAddress(href), null, href)
  assert.equal(html("[x](javascript:alert\\(1\\))"), '<p dir="auto">x</p>')
  assert.equal(html("![chart](https://example.org/c.png)"), '<p dir="auto"><a href="https://example.org/c.png" target="_blank" rel="noopener noreferrer nofollow ugc">Image: chart</a></p>')
  assert.doesNotMatch(html("[![a](https://example.org/i)](https://example.org/l)"), /<a[^>]*>[^<]*<a/)
})

test("the host is shown where the words name another", () => {
  const host = (words, href) => hostToShow(new URL(href), words)
  assert.equal(host("bank.example", "https://canary.test/"), "canary.test")
  assert.equal(host("https://bank.example/login", "https://canary.test/"), "canary.test")
  assert.equal(host("x", "https://xn--80ak6aa92e.com/"), "xn--80ak6aa92e.com")
  for (const words of ["the plan", "example.org", "www.example.org/a", "settings.py", "version 2.10", "e.g. this"]) assert.equal(host(words, "https://example.org/a"), "", words)
})

test("what a code block is called, whatever stands behind its fence", () => {
  assert.deepEqual(["py", "C++", "toml", "js title=x", "", "brainfuck", "__proto__", "constructor"].map(labelOf), ["Python", "C++", "TOML", "JavaScript", "Code", "brainfuck", "__proto__", "constructor"])
  assert.equal(canHighlight("__proto__", "x"), false)
  assert.equal(canHighlight("js", "x".repeat(30_000)), false)
})

test("figures make a column of figures", () => {
  const kinds = (cells) => [...html(`|a|b|\n|-|-|\n${cells.map((cell) => `|x|${cell}|`).join("\n")}`).matchAll(/<td( class="number")? dir="auto">(?!x)/g)].map(([, number]) => Boolean(number))
  for (const cell of ["1", "1,079 ms", "70 %", "$3.50", "€ 3,50", "−4", "~5", "1.2 GB", "18 kB/s", "3"]) assert.deepEqual(kinds([cell]), [true], cell)
  for (const cell of ["n/a", "Tuesday", "2026-11-21 10:00", "1 of 2 machines"]) assert.deepEqual(kinds([cell]), [false], cell)
})

test("isTex", () => {
  assert.deepEqual(["x", " x", "x ", "5 and 6", "2 \\times 3"].map(isTex), [true, false, false, false, true])
})
