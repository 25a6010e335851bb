/** Shapes of the HTTP interface and the socket, as chat/api describes them. */

type Id = string
type Status = "queued" | "streaming" | "completed" | "stopped" | "truncated" | "failed" | "interrupted"

interface Person {
  id: Id
  name: string
}

interface Usage {
  prompt_tokens: number
  cached_tokens: number
  completion_tokens: number
  reasoning_tokens: number
  total_tokens: number
  estimated?: boolean
}

interface Completion {
  id: Id
  model: string
  finish_reason: string
  code: string
  detail: string
  usage: Usage | null
  cost_micro_usd: number | null
  left_out: number
  reasoning: string
  started_at: string | null
  finished_at: string | null
  /** The answer that this one goes on from: its text begins with that one's, and it stands in its place. */
  continues: Id | null
}

interface Problem {
  code: string
  detail: string
  /** seconds, if the server said when to try again */
  retryAfter?: number
}

interface Message {
  id: Id
  conversation: Id
  parent: Id | null
  role: "user" | "assistant" | "system"
  author: Person | null
  model: string | null
  content: string
  status: Status
  version: number
  created_at: string
  deleted_at: string | null
  siblings: Id[]
  completion: Completion | null
  /** Only in the page: a message that the server has not acknowledged. */
  sending?: "pending" | "failed"
  /** Why it did not arrive, or why going on from it failed. */
  problem?: Problem
}

interface Parameters {
  temperature?: number
  top_p?: number
  max_completion_tokens?: number
  reasoning_effort?: string
}

interface Conversation {
  id: Id
  title: string
  model: string
  system_prompt: string
  parameters: Parameters
  version: number
  created_at: string
  updated_at: string
  role: string
  pinned: boolean
  archived: boolean
  current_message: Id | null
  running: boolean
}

interface Model {
  id: string
  name: string
  description: string
  context_tokens: number
  max_output_tokens: number
  reasoning_efforts: string[]
}

interface Page {
  me: { id: Id; email: string; name: string; is_staff: boolean }
  models: { items: Model[]; default: string; demo: boolean }
  conversation: Id | null
  limits: { message: number }
}

interface Listing<T> {
  items: T[]
  next: string | null
}

interface Changes {
  version: number
  conversation: Conversation
  messages: Message[]
  deleted: Id[]
  more: boolean
}

/** A frame of the socket: {type, ...fields}. */
interface Frame {
  type: string
  conversation?: Id
  version?: number
  message?: any
  offset?: number
  text?: string
  seconds?: number
  item?: Conversation
  code?: string
  detail?: string
}

/** What the person may set before the conversation exists. */
interface ChatSettings {
  model: string
  system_prompt: string
  parameters: Parameters
}

interface StorageLike {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The events by which elements talk. What a person asks for is named by what they did; facts by what happened. */
interface DocumentEventMap {
  "page.given": CustomEvent<Page>
  "chats.given": CustomEvent<{ list: import("models/chat-list.js").ChatList; api: import("lib/api.js").Api }>
  "session.changed": CustomEvent<{ session: import("models/conversation-session.js").ConversationSession; writer: import("models/conversation-writer.js").ConversationWriter }>
  "session.named": CustomEvent<{ session: import("models/conversation-session.js").ConversationSession }>
  "chat.opened": CustomEvent<{ id: Id | null }>
  "chat.asked": CustomEvent<{ text: string }>
  "chat.asked-new": CustomEvent
  "chat.asked-deletion": CustomEvent
  "composer.focused": CustomEvent
  "composer.filled": CustomEvent<{ text: string }>
  "edit.asked": CustomEvent
  "search.asked": CustomEvent
  "models.asked": CustomEvent
  "settings.asked": CustomEvent
  "help.asked": CustomEvent
  "sidebar.toggled": CustomEvent
  "rename.asked": CustomEvent<{ id: Id; from: "row" | "topbar" }>
  "confirm.asked": CustomEvent<{ title: string; words: string; action: string; agreed: () => void }>
  "conversation.gone": CustomEvent<{ id: Id }>
  "answer.started": CustomEvent
  "answer.grew": CustomEvent<{ text: string }>
  "answer.finished": CustomEvent<{ words: string; text: string }>
  /** The code of a block, from inside an answer. */
  copied: CustomEvent<{ what: string; isDone: boolean }>
  "status.said": CustomEvent<{ text: string }>
  "toast.shown": CustomEvent<{ text: string; tone?: string; link?: { href: string; text: string } }>
  "connection.lost": CustomEvent<{ code: number; wait: number }>
  "connection.found": CustomEvent
  "connection.hurried": CustomEvent
}
