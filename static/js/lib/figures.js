// Figures with their units.

const whole = new Intl.NumberFormat("en-US")

/** @param {number} count @param {string} one @param {string} [many] @returns {string} "1,842 tokens" */
export function counted(count, one, many = `${one}s`) {
  return `${whole.format(count)} ${count === 1 ? one : many}`
}

/** @param {number} micro millionths of a US dollar @returns {string} "$0.021", "$12.40", "under $0.001", "$0" */
export function dollars(micro) {
  const value = micro / 1e6
  if (value === 0) return "$0"
  if (value > 0 && value < 0.001) return "under $0.001"
  return `$${value.toFixed(value < 1 ? 3 : 2)}`
}

/** @param {string} name @returns {string} up to two letters for the avatar */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean)
  if (!words.length) return "?"
  if (/[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]/.test(words[0])) return [...words[0]].slice(-2).join("")
  const letters = words.length === 1 ? [[...words[0]][0]] : [[...words[0]][0], [...words[words.length - 1]][0]]
  return letters.join("").toUpperCase()
}
