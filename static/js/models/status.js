// The states of a message. Everything but the first two is final and reached once.

/** @param {Status} status */
export function isLive(status) {
  return status === "queued" || status === "streaming"
}

/** Whether an answer waits until the one above it has ended. @param {Message} message */
export function isWaiting({ status, completion }) {
  return status === "queued" && Boolean(completion?.waits_for)
}

/** @param {Message} message */
export function isAnswer(message) {
  return message.role === "assistant"
}
