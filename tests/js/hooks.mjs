// The import map's rules, for node: npm packages as package.json publishes them, else a file below static/js.
const OURS = /^(app\.js|(lib|models|elements)\/)/
let root
let modules

export function initialize(data) {
  root = data.root
  modules = data.modules
}

export function resolve(name, context, next) {
  if (Object.hasOwn(modules, name)) return { url: `${root}node_modules/${modules[name]}`, format: "module", shortCircuit: true }
  if (OURS.test(name)) return { url: `${root}static/js/${name}`, format: "module", shortCircuit: true }
  return next(name, context)
}
