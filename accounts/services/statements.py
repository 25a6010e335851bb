"""The statements of money. Each is one round trip, so that nothing thinks while it holds a counter's row."""

_HOLD_FIELDS = """
id, user_id, model, price_id, tokens, micro_usd, prompt_bound, max_output, dispatched_at IS NOT NULL, asked_output,
purpose, window_ids
"""

HOLD = f"SELECT {_HOLD_FIELDS} FROM accounts_hold WHERE completion_id = %s AND attempt = %s"  # noqa: S608

# Nobody fences it, closes it or moves it into another window until the transaction ends.
LOCK_HOLD = f"{HOLD} FOR NO KEY UPDATE"

HOLD_BY_ID = f"SELECT {_HOLD_FIELDS} FROM accounts_hold WHERE id = %s"  # noqa: S608

PRICE_NOW = """
SELECT id FROM accounts_price WHERE model = %s AND effective_from <= now()
ORDER BY effective_from DESC LIMIT 1
"""

# All windows or none. Who waited for a lock reads the newest counters (READ COMMITTED): no two see the same remainder.
RESERVE = """
WITH locked AS MATERIALIZED (
  SELECT id,
    (limit_tokens IS NULL OR spent_tokens + held_tokens + %(tokens)s <= limit_tokens + granted_tokens)
    AND (limit_micro_usd IS NULL OR %(micro)s = 0
         OR spent_micro_usd + held_micro_usd + %(micro)s <= limit_micro_usd + granted_micro_usd) AS fits
  FROM accounts_budgetwindow WHERE id = ANY(%(windows)s) ORDER BY rank, id FOR NO KEY UPDATE
), verdict AS (
  SELECT bool_and(fits) AND count(*) = cardinality(%(windows)s) AS admitted FROM locked
), hold AS (
  INSERT INTO accounts_hold (id, completion_id, attempt, user_id, group_id, model, price_id, purpose, window_ids,
    tokens, micro_usd, prompt_bound, max_output, state, created_at, expires_at,
    asked_output, charged_tokens, charged_micro_usd, source)
  SELECT %(id)s, %(completion)s, %(attempt)s, %(user)s, %(group)s, %(model)s, %(price)s, %(purpose)s, %(windows)s,
    %(tokens)s, %(micro)s, %(prompt_bound)s, %(max_output)s, 'held', now(), now() + make_interval(secs => %(seconds)s),
    %(asked_output)s, 0, 0, ''
  FROM verdict WHERE admitted
  ON CONFLICT (completion_id, attempt) DO NOTHING RETURNING id
), taken AS (
  UPDATE accounts_budgetwindow w
  SET held_tokens = held_tokens + %(tokens)s, held_micro_usd = held_micro_usd + %(micro)s
  FROM locked, hold WHERE w.id = locked.id RETURNING 1
)
SELECT admitted, EXISTS (SELECT FROM hold) FROM verdict
"""

LOCK = """
SELECT 1 FROM accounts_budgetwindow WHERE id = ANY(%s) ORDER BY rank, id FOR NO KEY UPDATE
"""

# A call that is not noted here, on a hold that is still held, is never made.
FENCE = f"""
UPDATE accounts_hold SET dispatched_at = now(), expires_at = now() + make_interval(secs => %s)
WHERE completion_id = %s AND attempt = %s AND state = 'held' RETURNING {_HOLD_FIELDS}
"""  # noqa: S608

# What somebody has locked just now is kept the next time.
KEEP = """
WITH free AS (
  SELECT id FROM accounts_hold WHERE completion_id = ANY(%s) AND state = 'held'
  ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE accounts_hold h SET expires_at = now() + make_interval(secs => %s) FROM free WHERE h.id = free.id
"""

EXPIRED = f"""
SELECT {_HOLD_FIELDS} FROM accounts_hold WHERE state = 'held' AND expires_at < now()
ORDER BY expires_at LIMIT 100
"""  # noqa: S608

# Only as it was read: a window that was opened meanwhile took the hold in, and this statement would not see its row.
# The hold's row comes first, and is closed once: 'held' gives back what was held, 'expired' is only corrected, by what
# the upstream reported after all. The sums are kept for the day of the hold, in the workspace's time.
CLOSE = """
WITH hold AS MATERIALIZED (
  SELECT * FROM accounts_hold WHERE id = %(id)s AND window_ids = %(windows)s::bigint[]
    AND (dispatched_at IS NOT NULL OR NOT %(is_dispatched)s) AND (dispatched_at IS NULL OR %(is_dispatched)s) AND (
    state = 'held' AND (%(into)s <> 'expired' OR expires_at < now())
    OR state = 'expired' AND %(into)s = 'settled' AND %(source)s = 'upstream')
  FOR UPDATE
), was AS (
  SELECT *, state = 'held' AS is_held, source = 'bound' AS was_bound,
    %(tokens)s - charged_tokens AS more_tokens, %(micro)s - charged_micro_usd AS more_micro,
    (created_at AT TIME ZONE %(zone)s)::date AS day
  FROM hold
), locked AS MATERIALIZED (
  SELECT w.id FROM was JOIN accounts_budgetwindow w ON w.id = ANY(was.window_ids)
  ORDER BY w.rank, w.id FOR NO KEY UPDATE OF w
), counted AS (
  UPDATE accounts_budgetwindow w SET
    held_tokens = held_tokens - CASE WHEN is_held THEN was.tokens ELSE 0 END,
    held_micro_usd = held_micro_usd - CASE WHEN is_held THEN was.micro_usd ELSE 0 END,
    spent_tokens = spent_tokens + more_tokens, spent_micro_usd = spent_micro_usd + more_micro
  FROM was, locked WHERE w.id = locked.id RETURNING w.id
), closed AS (
  UPDATE accounts_hold h SET state = %(into)s, charged_tokens = %(tokens)s, charged_micro_usd = %(micro)s,
    source = %(source)s
  FROM was WHERE h.id = was.id
), booked AS (
  INSERT INTO accounts_ledgerentry (at, kind, hold_id, user_id, group_id, model, purpose, prompt_tokens, cached_tokens,
    output_tokens, reasoning_tokens, tokens, cost_pico, micro_usd, overrun_tokens, price_id, source, reason)
  SELECT now(), CASE WHEN NOT is_held THEN 'correct' WHEN %(into)s = 'expired' THEN 'expire' ELSE 'settle' END,
    id, user_id, group_id, model, purpose,
    %(prompt)s - CASE WHEN was_bound THEN prompt_bound ELSE 0 END, %(cached)s,
    %(output)s - CASE WHEN was_bound THEN max_output ELSE 0 END, %(reasoning)s,
    more_tokens, %(pico)s - CASE WHEN was_bound THEN %(bound_pico)s ELSE 0 END, more_micro,
    greatest(%(tokens)s - was.tokens, %(output)s - max_output, 0), price_id, %(source)s, ''
  FROM was
), of_person AS (
  INSERT INTO accounts_usageday AS u (day, user_id, model, purpose, group_id, calls, prompt_tokens, cached_tokens,
    output_tokens, reasoning_tokens, tokens, micro_usd, estimated_tokens)
  SELECT day, user_id, model, purpose, group_id, CASE WHEN is_held THEN 1 ELSE 0 END,
    %(prompt)s - CASE WHEN was_bound THEN prompt_bound ELSE 0 END, %(cached)s,
    %(output)s - CASE WHEN was_bound THEN max_output ELSE 0 END, %(reasoning)s, more_tokens, more_micro,
    CASE WHEN %(source)s = 'upstream' THEN 0 ELSE %(tokens)s END - CASE WHEN was_bound THEN charged_tokens ELSE 0 END
  FROM was
  ON CONFLICT (user_id, day, model, purpose, group_id) DO UPDATE SET calls = u.calls + excluded.calls,
    prompt_tokens = u.prompt_tokens + excluded.prompt_tokens, cached_tokens = u.cached_tokens + excluded.cached_tokens,
    output_tokens = u.output_tokens + excluded.output_tokens,
    reasoning_tokens = u.reasoning_tokens + excluded.reasoning_tokens, tokens = u.tokens + excluded.tokens,
    micro_usd = u.micro_usd + excluded.micro_usd, estimated_tokens = u.estimated_tokens + excluded.estimated_tokens
  RETURNING 1
), of_workspace AS (
  INSERT INTO accounts_workspaceday AS u (day, model, calls, tokens, micro_usd, estimated_tokens)
  SELECT day, model, CASE WHEN is_held THEN 1 ELSE 0 END, more_tokens, more_micro,
    CASE WHEN %(source)s = 'upstream' THEN 0 ELSE %(tokens)s END - CASE WHEN was_bound THEN charged_tokens ELSE 0 END
  FROM was
  ON CONFLICT (day, model) DO UPDATE SET calls = u.calls + excluded.calls, tokens = u.tokens + excluded.tokens,
    micro_usd = u.micro_usd + excluded.micro_usd, estimated_tokens = u.estimated_tokens + excluded.estimated_tokens
  RETURNING 1
)
SELECT window_ids FROM was
"""
