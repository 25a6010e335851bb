// Who of the members is here, in the order in which they are shown.

const SHOWN = 5

/** @typedef {{person: Person, isHere: boolean}} Face */

/**
 * @param {import("models/team.js").Team} team @param {Id[]} here who has the conversation on screen
 * @returns {{faces: Face[], more: string[]}} oneself first, then who is here; more: the names that find no room
 */
export function presenceOf({ me, members }, here) {
  const isHere = (/** @type {Id} */ id) => id === me.id || here.includes(id)
  const rank = (/** @type {Id} */ id) => (id === me.id ? 0 : isHere(id) ? 1 : 2)
  const faces = members.map(({ user }) => ({ person: user, isHere: isHere(user.id) })).sort((one, other) => rank(one.person.id) - rank(other.person.id))
  return { faces: faces.slice(0, SHOWN), more: faces.slice(SHOWN).map(({ person }) => person.name) }
}
