// Which news of a conversation change the branch that is on screen.

/** The last question and its answer: another version of them is what everybody talks about now. */
const LAST_EXCHANGE = 3

/**
 * Whether a new message is shown at once. Its own end is always followed; another version further up only if the person
 * made it, else somebody's edit would take the text away that is being read.
 * @param {Message[]} path the branch on screen @param {Message} message @param {boolean} isOwn what the person did, here or elsewhere
 */
export function takesAlong(path, { parent }, isOwn) {
  const at = path.findIndex(({ id }) => id === parent)
  if (at < 0 && parent !== null) return false
  return isOwn || at >= path.length - LAST_EXCHANGE
}
