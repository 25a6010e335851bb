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
  /** The most tokens of this answer, if the budget made it smaller than was asked for. */
  max_output?: number | null
}

interface Problem {
  code: string
  detail: string
  /** seconds, if the server said when to try again */
  retryAfter?: number
  /** why the budget refused, if it did */
  refusal?: Refusal
}

type Unit = "tokens" | "micro_usd"

/** A 402. Figures come for one's own budget only. */
interface Refusal {
  code: string
  detail: string
  reason?: "limit_reached" | "in_flight" | "request_too_large" | "blocked"
  scope?: "you" | "group" | "workspace"
  unit?: Unit
  limit?: number
  used?: number
  reserved?: number
  needed?: number
  resets_at?: string | null
  actions?: string[]
}

interface BudgetLimit {
  scope: "you" | "group"
  period: "day" | "week" | "month" | "total"
  starts_at: string
  resets_at: string | null
  limit_tokens: number | null
  spent_tokens: number
  held_tokens: number
  limit_micro_usd: number | null
  spent_micro_usd: number
  held_micro_usd: number
  state: "ok" | "near" | "out" | "blocked" | "unlimited"
}

interface BudgetRequest {
  id: Id
  tokens: number | null
  micro_usd: number | null
  message: string
  state: "open" | "granted" | "declined" | "withdrawn"
  note: string
  created_at: string
  decided_at: string | null
}

interface Budget {
  limits: BudgetLimit[]
  workspace: "ok" | "near" | "out"
  /** what a message of this person uses up, of late */
  typical: { tokens: number; micro_usd: number } | null
  /** micro-dollars for a million tokens of output, by model */
  prices: Record<string, number>
  /** the last time that more was asked for */
  request: BudgetRequest | null
}

interface UsedDay {
  day: string
  model: string
  tokens: number
  micro_usd: number
  calls: number
  estimated_tokens: number
}

interface BudgetPeriod {
  period: BudgetLimit["period"]
  starts_at: string
  ends_at: string
  limit_tokens: number | null
  spent_tokens: number
  limit_micro_usd: number | null
  spent_micro_usd: number
}

/** What is asked for, and what to do when it is sent or refused. */
interface AskedMore {
  fields: { tokens?: number; micro_usd?: number; message: string }
  done: () => void
  failed: (error: unknown) => void
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
  system_prompt: string
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
  /** Figures may have changed: whoever shows them asks again. */
  "budget.changed": CustomEvent
  "budget.known": CustomEvent<{ budget: Budget }>
  /** A question was refused for money. kept: whether its text is in the message box again. */
  "budget.refused": CustomEvent<{ refusal: Refusal; kept: boolean }>
  "more.wanted": CustomEvent<{ unit?: Unit } | null>
  "more.asked": CustomEvent<AskedMore>
  "more.withdrawn": CustomEvent<{ id: Id }>
  "composer.sent": CustomEvent
  /** What is in the message box is to begin a new chat. */
  "composer.moved": CustomEvent
  "status.said": CustomEvent<{ text: string }>
  "toast.shown": CustomEvent<{ text: string; tone?: string; link?: { href: string; text: string } }>
  "connection.lost": CustomEvent<{ code: number; wait: number }>
  "connection.found": CustomEvent
  "connection.hurried": CustomEvent
}
