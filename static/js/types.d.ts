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
  /** The answer that has to end before this one begins; null: it does not wait. */
  waits_for?: Id | null
  /** Who pays for it and may stop it. */
  requested_by?: Id | null
}

type Role = "owner" | "writer" | "reader"

interface Member {
  user: Person
  role: Role
  joined_at: string
}

interface Invited {
  id: Id
  email: string
  role: Role
  expires_at: string
  /** only where no mail has carried the link */
  url?: string | null
}

interface NotificationRow {
  id: Id
  kind: "mention" | "invited" | "role" | "owner" | "removed"
  conversation: Id | null
  message: Id | null
  actor: Person | null
  title: string
  created_at: string
  read_at: string | null
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
  /** its place in the order of the whole conversation; a message that only the page has lacks it */
  position?: number
  created_at: string
  deleted_at: string | null
  siblings: Id[]
  completion: Completion | null
  /** Only in the page: a message that the server has not acknowledged. */
  sending?: "pending" | "failed"
  /** Goes to the end of the branch below `parent`, wherever that is when it arrives: it has no place of its own yet. */
  trailing?: boolean
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
  role: Role
  pinned: boolean
  archived: boolean
  current_message: Id | null
  running: boolean
  /** whether the model answers every message, or those that name it */
  answering: "always" | "addressed"
  /** where somebody stands who has not been here yet */
  default_message: Id | null
  /** how many may see it */
  people: number
  has_link: boolean
  /** One's own: up to which position everything was on screen, and how many of others lie behind it (at most 100). */
  read_position: number
  unread: number
  draft: string
  /** the message at the top of one's screen */
  place: Id | null
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
  member?: Member
  person?: Person
  people?: Id[]
  reason?: "removed" | "left" | "deleted"
  notification?: NotificationRow
  unread?: number
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

/** Found by name or address; `hint` tells two of the same name apart. */
interface PersonFound {
  id: Id
  name: string
  hint: string
}

interface SharePolicy {
  public_links: boolean
  longest_link_days: number | null
  password_required: boolean
}

interface Share {
  id: Id
  /** for its maker only */
  url: string | null
  conversation: { id: Id; title: string }
  maker: Person
  audience: "public" | "signed_in" | "people"
  people: Person[]
  kind: "snapshot" | "live"
  show_names: boolean
  has_password: boolean
  max_views: number | null
  views: number
  last_viewed_at: string | null
  created_at: string
  /** as it was agreed */
  expires_at: string | null
  /** at the latest, by what was agreed or by what the workspace allows now */
  ends_at: string | null
  state: "open" | "expired" | "revoked" | "used_up" | "forbidden"
}

/** A message as a share page shows it: `id` is a number in order, never the message's own. */
interface SharedMessage {
  id: number
  role: "user" | "assistant"
  name: string
  hue: number
  model: string | null
  content: string
  status: Status
  created_at: string
  /** its id in the conversation, in a maker's preview only */
  message?: Id
}

/** To its maker a preview also says which message it is. */
type PreviewedMessage = SharedMessage & { message: Id }

interface Finding {
  kind: "email" | "key" | "file" | "name"
  text: string
  /** null: in the title */
  message: Id | null
}

/** What a link would show, and of which conversation. */
interface ShareLook {
  links: import("models/share-links.js").ShareLinks
  preview: import("models/share-links.js").SharePreview
  sentence: string
  body: () => object
  outdated?: string
}

/** The events by which elements talk. What a person asks for is named by what they did; facts by what happened. */
interface DocumentEventMap {
  "page.given": CustomEvent<Page>
  "chats.given": CustomEvent<{ list: import("models/chat-list.js").ChatList; api: import("lib/api.js").Api }>
  "session.changed": CustomEvent<{ session: import("models/conversation-session.js").ConversationSession; writer: import("models/conversation-writer.js").ConversationWriter; own: import("models/own-place.js").OwnPlace; line: import("models/new-line.js").NewLine }>
  "session.named": CustomEvent<{ session: import("models/conversation-session.js").ConversationSession }>
  "chat.opened": CustomEvent<{ id: Id | null }>
  "chat.asked": CustomEvent<{ text: string; reply?: boolean }>
  "chat.asked-new": CustomEvent
  "chat.asked-deletion": CustomEvent
  "composer.focused": CustomEvent
  /** Something was typed into the message box. */
  "composer.typed": CustomEvent<{ text: string }>
  /** This message is to stand at the top of the screen. */
  "turn.wanted": CustomEvent<{ id: Id }>
  /** conversation: where the text belongs; missing: wherever the person is. */
  "composer.filled": CustomEvent<{ text: string; conversation?: Id | null }>
  /** The chat on screen is gone for this person. unsent: what they could not send to it. */
  "chat.lost": CustomEvent<{ unsent: string[] }>
  "edit.asked": CustomEvent
  "search.asked": CustomEvent
  "models.asked": CustomEvent
  "settings.asked": CustomEvent
  "help.asked": CustomEvent
  "sidebar.toggled": CustomEvent
  "rename.asked": CustomEvent<{ id: Id; from: "row" | "topbar" }>
  "confirm.asked": CustomEvent<{ title: string; words: string; action: string; icon?: string; agreed: () => void }>
  "conversation.gone": CustomEvent<{ id: Id; reason?: Frame["reason"] }>
  "answer.grew": CustomEvent<{ id: Id; text: string }>
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
  /** People of the conversation on screen, and links to it. */
  "share.asked": CustomEvent
  /** The dialog of a conversation is open: what its parts work with. until: the last message on screen. */
  "share.opened": CustomEvent<{ people: import("models/share-people.js").SharePeople; links: import("models/share-links.js").ShareLinks; until: Id | null }>
  /** body: of the POST that makes exactly this link. outdated: why what was looked at before counts no more. */
  "share.previewed": CustomEvent<ShareLook>
  /** Make the link that was previewed. */
  "share.agreed": CustomEvent
  /** links: of the conversation that it is about, which may not be the one in the dialog any more. */
  "share.made": CustomEvent<{ share: Share; links: import("models/share-links.js").ShareLinks }>
  "share.refused": CustomEvent<{ error: unknown; links: import("models/share-links.js").ShareLinks }>
  /** Who has the conversation on screen now, on whatever server. */
  "presence.changed": CustomEvent<{ conversation: Id; people: Id[] }>
  "typing.heard": CustomEvent<{ conversation: Id; person: Person }>
  /** Somebody joined, left or has another role: whoever shows members asks again. */
  "members.changed": CustomEvent<{ conversation: Id }>
  "notification.heard": CustomEvent<{ notification: NotificationRow; unread: number }>
  "notifications.read": CustomEvent<{ unread: number }>
  "notifications.given": CustomEvent<{ notifications: import("models/notifications.js").Notifications }>
  /** Somebody wants to see a message of a conversation that is on screen, or about to be. */
  "message.sought": CustomEvent<{ conversation: Id; message: Id }>
}
