// Lets node find modules by the names of the import map: `node --import ./tests/js/resolve.mjs --test`.
import { readFileSync } from "node:fs"
import { register } from "node:module"

const root = new URL("../../", import.meta.url)
const { published } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"))

register("./hooks.mjs", { parentURL: import.meta.url, data: { root: root.href, modules: published.modules } })
