// A conversation as it is known, and news of it. What all share has a version. What is the person's own has none: news
// of it may carry an older version than what is known, and are newer all the same.

/** What is known now. @param {Conversation | null | undefined} known @param {Conversation} news @returns {Conversation} */
export function merged(known, news) {
  if (!known) return news
  const shared = known.version > news.version ? known : news
  const { pinned, archived, current_message, draft, place, role } = news
  const read_position = Math.max(known.read_position, news.read_position)
  return { ...shared, pinned, archived, current_message, draft, place, role, read_position, unread: unreadOf(known, news) }
}

// Counted anew in old news only because the person has read on: what was said since is not in it.
/** @param {Conversation} known @param {Conversation} news */
function unreadOf(known, news) {
  if (known.version > news.version && news.read_position <= known.read_position) return known.unread
  return news.unread
}
