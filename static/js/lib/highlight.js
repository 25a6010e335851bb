// Colours for code: highlight.js, with the grammar of a language loaded when a block needs it.

const LONGEST = 20_000
const CORE = "highlight.js"

/** Label, then the other names by which models call it. @type {Record<string, [string, ...string[]]>} */
const LANGUAGES = {
  bash: ["Bash", "sh", "zsh", "shellscript"],
  c: ["C", "h"],
  clojure: ["Clojure", "clj"],
  cmake: ["CMake"],
  cpp: ["C++", "c++", "cc", "cxx", "hpp"],
  csharp: ["C#", "c#", "cs"],
  css: ["CSS"],
  dart: ["Dart"],
  diff: ["Diff", "patch"],
  dockerfile: ["Dockerfile", "docker"],
  elixir: ["Elixir", "ex", "exs"],
  erlang: ["Erlang", "erl"],
  fsharp: ["F#", "f#", "fs"],
  go: ["Go", "golang"],
  graphql: ["GraphQL", "gql"],
  groovy: ["Groovy", "gradle"],
  haskell: ["Haskell", "hs"],
  http: ["HTTP"],
  ini: ["INI", "toml", "conf", "cfg"],
  java: ["Java"],
  javascript: ["JavaScript", "js", "jsx", "mjs", "cjs", "node"],
  json: ["JSON", "jsonc", "json5", "jsonl"],
  julia: ["Julia", "jl"],
  kotlin: ["Kotlin", "kt", "kts"],
  latex: ["LaTeX", "tex"],
  less: ["Less"],
  lua: ["Lua"],
  makefile: ["Makefile", "make", "mk"],
  markdown: ["Markdown", "md", "mdx"],
  matlab: ["MATLAB", "octave"],
  nginx: ["nginx", "nginxconf"],
  objectivec: ["Objective-C", "objc", "objective-c", "obj-c"],
  ocaml: ["OCaml", "ml"],
  perl: ["Perl", "pl"],
  php: ["PHP"],
  powershell: ["PowerShell", "ps", "ps1", "pwsh"],
  properties: ["Properties", "env", "dotenv"],
  protobuf: ["Protocol Buffers", "proto"],
  python: ["Python", "py", "python3", "pycon"],
  r: ["R"],
  ruby: ["Ruby", "rb"],
  rust: ["Rust", "rs"],
  scala: ["Scala"],
  scss: ["SCSS", "sass"],
  shell: ["Shell", "console", "shellsession", "terminal"],
  sql: ["SQL", "postgresql", "postgres", "mysql", "sqlite", "plpgsql", "tsql"],
  swift: ["Swift"],
  typescript: ["TypeScript", "ts", "tsx", "mts", "cts"],
  vim: ["Vim script", "viml", "vimscript"],
  xml: ["XML", "svg", "rss", "xsd", "plist"],
  yaml: ["YAML", "yml"],
}
/** Grammars that serve several languages, which keep their own label. @type {Record<string, string>} */
const OWN_LABEL = { html: "HTML", xhtml: "HTML", vue: "Vue", svelte: "Svelte", toml: "TOML", jsx: "JSX", tsx: "TSX", svg: "SVG", json5: "JSON5", jsonl: "JSON Lines", sass: "Sass", postgresql: "PostgreSQL", mysql: "MySQL", sqlite: "SQLite", env: ".env", text: "Text", txt: "Text", plaintext: "Text", plain: "Text" }
/** Languages inside languages. @type {Record<string, string[]>} */
const EMBEDDED = { xml: ["javascript", "css"], shell: ["bash"], dockerfile: ["bash"] }
const EXTRA = { html: "xml", xhtml: "xml", vue: "xml", svelte: "xml" }
/** @type {Map<string, string>} */
const GRAMMARS = new Map([...Object.entries(EXTRA), ...Object.entries(LANGUAGES).flatMap(([name, names]) => [name, ...names.slice(1)].map((alias) => /** @type {[string, string]} */ ([alias, name])))])

/** @typedef {{getLanguage: (name: string) => unknown, registerLanguage: (name: string, grammar: unknown) => void, highlight: (code: string, options: object) => {value: string}}} Highlighter */

/** @type {Highlighter | undefined} */
let highlighter
/** Null: over, well or badly. @type {Map<string, Promise<void> | null>} */
const loads = new Map()

/** @param {string} info what follows the fence: "py", "python title=x" */
export function languageOf(info) {
  return info.trim().split(/[\s,{:]/, 1)[0].toLowerCase()
}

/** What a block's header says. @param {string} info */
export function labelOf(info) {
  const language = languageOf(info)
  const grammar = GRAMMARS.get(language) ?? ""
  const given = info.trim().split(/\s/, 1)[0].slice(0, 24)
  return (Object.hasOwn(OWN_LABEL, language) ? OWN_LABEL[language] : LANGUAGES[grammar]?.[0]) ?? (given || "Code")
}

/** Whether `highlight` would do something once the grammar is there. @param {string} info @param {string} code */
export function canHighlight(info, code) {
  return GRAMMARS.has(languageOf(info)) && code.length <= LONGEST
}

/** @param {string} info @returns {Promise<unknown> | null} settled when the grammar is there; null: there is nothing to wait for */
export function awaitedLanguage(info) {
  const name = GRAMMARS.get(languageOf(info)) ?? ""
  const waits = [...(EMBEDDED[name] ?? []), name].map(load).filter(Boolean)
  return waits.length > 0 ? Promise.all(waits) : null
}

/** @param {string} name */
function load(name) {
  if (!loads.has(name)) loads.set(name, fetched(name).finally(() => loads.set(name, null)))
  return loads.get(name)
}

/** @param {string} name */
async function fetched(name) {
  try {
    const [core, grammar] = await Promise.all([import(CORE), import(`${CORE}/lib/languages/${name}`)])
    highlighter ??= /** @type {Highlighter} */ (core.default)
    highlighter.registerLanguage(name, grammar.default)
  } catch {
    // Without its grammar a block stays in one colour.
  }
}

/** HTML with spans of class hljs-*, or null. @param {string} info @param {string} code */
export function highlight(info, code) {
  const language = GRAMMARS.get(languageOf(info)) ?? ""
  if (!highlighter?.getLanguage(language) || !canHighlight(info, code)) return null
  return highlighter.highlight(code, { language, ignoreIllegals: true }).value
}
