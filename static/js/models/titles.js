/** @param {{title: string} | null | undefined} conversation @returns {string} what to call it */
export function titleOf(conversation) {
  return conversation?.title || "New chat"
}
