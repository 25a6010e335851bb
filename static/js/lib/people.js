// How people are drawn: their letters and their colour, the same everywhere.

const EAST_ASIAN = /[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af]/

/** @param {string} name @returns {string} up to two letters for the avatar */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean)
  if (!words.length) return "?"
  if (EAST_ASIAN.test(words[0])) return [...words[0]].slice(-2).join("")
  const letters = words.length === 1 ? [[...words[0]][0]] : [[...words[0]][0], [...words[words.length - 1]][0]]
  return letters.join("").toUpperCase()
}

/** @param {Id} id @returns {string} a person's colour, 1 to 5, the same as on the server */
export function hueOf(id) {
  return String(Number(BigInt(`0x${id.replaceAll("-", "")}`) % 5n) + 1)
}

/** @param {HTMLElement} face an avatar @param {Person | null} person null: somebody unknown @param {Id} [me] whose own avatar is solid */
export function drawFace(face, person, me) {
  const letters = initials(person?.name ?? "")
  if (face.textContent !== letters) face.textContent = letters
  face.classList.toggle("me", Boolean(person && person.id === me))
  if (person) face.dataset.hue = hueOf(person.id)
  else delete face.dataset.hue
}
