/** Shapes of the admin interface of spending, as accounts/api/admin_schemas.py describes them. */

interface Limits {
  period: string
  limit_tokens: number | null
  limit_micro_usd: number | null
}

interface Counters {
  limit_tokens: number | null
  limit_micro_usd: number | null
  spent_tokens: number
  spent_micro_usd: number
  held_tokens: number
  held_micro_usd: number
}

interface Spender extends Counters {
  id: Id
  name: string
  email: string
  is_active: boolean
  group_name: string | null
  has_own: boolean
  period: string
  ends: string | null
  rule_tokens: number | null
  rule_micro_usd: number | null
  granted_tokens: number
  granted_micro_usd: number
  permille: number | null
  state: string
  last_active: string | null
  calls: number
  top_model: string | null
  estimated_tokens: number
  days: number[]
}

interface SpendSummary {
  window: Counters & { period: string; starts: string; ends: string | null; forecast_tokens: number | null; forecast_micro_usd: number | null }
  default: Limits | null
  sums: Record<string, number>
  held: Record<string, number>
  people: Record<string, number>
  requests: number
  first: string
  last: string
}

interface Spend {
  summary: SpendSummary
  items: Spender[]
  next: string | null
  groups: { id: Id; name: string }[]
  models: string[]
  zone: string
}

interface SpendFilters {
  q: string
  group: string
  status: string
  model: string
  period: string
  sort: string
  before: string
  limit: number
}

interface SpendDay {
  day: string
  model: string
  tokens: number
  micro_usd: number
  calls: number
  estimated_tokens: number
}

interface SpendDays {
  first: string
  last: string
  days: SpendDay[]
  previous: SpendDay[]
}

interface SpendEntry {
  id: number
  at: string
  kind: string
  hold_id: Id | null
  model: string
  purpose: string
  prompt_tokens: number
  output_tokens: number
  tokens: number
  micro_usd: number
  overrun_tokens: number
  source: string
  reason: string
  refundable: boolean
}

interface SpendChange {
  id: number
  at: string
  actor: string
  scope: string
  subject: Id | null
  action: string
  before: any
  after: any
  reason: string
  can_be_undone: boolean
}

interface SpendHold {
  id: Id
  model: string
  tokens: number
  micro_usd: number
  created_at: string
}

interface Dossier {
  person: Spender | null
  windows: (Counters & { scope: string; period: string; resets_at: string | null })[]
  days: SpendDay[]
  holds: SpendHold[]
  changes: SpendChange[]
}

interface MoreRequest {
  id: Id
  user_id: Id
  tokens: number | null
  micro_usd: number | null
  message: string
  person: Spender | null
}

interface Price {
  id: number
  model: string
  effective_from: string
  prompt: number
  cached: number
  output: number
  long_prompt_tokens: number | null
  long_prompt: number
  long_cached: number
  long_output: number
  note: string
  is_current: boolean
  last_used: string | null
}

/** What a person typed into the dialog of amounts. */
interface Amounts {
  period: string
  tokens: number | null
  micro_usd: number | null
  reason: string
}

/** `isLimit`: with a period, and empty means unlimited. `preview` says beforehand what would come of it. */
interface AmountQuestion {
  title: string
  words: string
  action: string
  isLimit: boolean
  hasAmounts?: boolean
  reasonLabel?: string
  given?: Partial<Amounts>
  preview?: (amounts: Amounts) => Promise<string>
  save: (amounts: Amounts) => Promise<unknown>
}

interface DocumentEventMap {
  "spend.given": CustomEvent<{ spend: Spend; filters: SpendFilters }>
  "spend.filtered": CustomEvent<Partial<SpendFilters>>
  "spend.more": CustomEvent
  "spend.changed": CustomEvent
  "person.shown": CustomEvent<{ id: Id | null }>
  "amount.asked": CustomEvent<AmountQuestion>
}
