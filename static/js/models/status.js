// The states of a message. Everything but the first two is final and reached once.

/** @param {Status} status */
export function isLive(status) {
  return status === "queued" || status === "streaming"
}

/** @param {Message} message */
export function isAnswer(message) {
  return message.role === "assistant"
}
