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
