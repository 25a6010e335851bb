"""The figures of money, worked out again from the holds and the ledger: every drift must be zero."""

from django.db import connection

# Windows against the holds that name them; holds against the ledger; the sums of days against the ledger.
_DRIFTS = {
    "held": """
        SELECT sum(abs(w.held_tokens - coalesce(h.tokens, 0)) + abs(w.held_micro_usd - coalesce(h.micro, 0)))
        FROM accounts_budgetwindow w LEFT JOIN (
          SELECT unnest(window_ids) AS id, sum(tokens) AS tokens, sum(micro_usd) AS micro
          FROM accounts_hold WHERE state = 'held' GROUP BY 1) h USING (id)
    """,
    "spent": """
        SELECT sum(abs(spent_tokens - coalesce(tokens, 0)) + abs(spent_micro_usd - coalesce(micro, 0))) FROM (
          SELECT w.id, w.spent_tokens, w.spent_micro_usd, sum(d.tokens) AS tokens, sum(d.micro_usd) AS micro
          FROM accounts_budgetwindow w LEFT JOIN accounts_usageday d ON d.user_id = w.subject AND
            d.day >= (w.starts AT TIME ZONE %(zone)s)::date
            AND (w.ends IS NULL OR d.day < (w.ends AT TIME ZONE %(zone)s)::date)
          WHERE w.rank = 0 GROUP BY w.id
          UNION ALL
          SELECT w.id, w.spent_tokens, w.spent_micro_usd, sum(d.tokens) AS tokens, sum(d.micro_usd) AS micro
          FROM accounts_budgetwindow w LEFT JOIN accounts_usageday d ON d.group_id = w.subject AND
            d.day >= (w.starts AT TIME ZONE %(zone)s)::date
            AND (w.ends IS NULL OR d.day < (w.ends AT TIME ZONE %(zone)s)::date)
          WHERE w.rank = 1 GROUP BY w.id
          UNION ALL
          SELECT w.id, w.spent_tokens, w.spent_micro_usd, sum(d.tokens) AS tokens, sum(d.micro_usd) AS micro
          FROM accounts_budgetwindow w LEFT JOIN accounts_workspaceday d ON
            d.day >= (w.starts AT TIME ZONE %(zone)s)::date
            AND (w.ends IS NULL OR d.day < (w.ends AT TIME ZONE %(zone)s)::date)
          WHERE w.rank = 2 GROUP BY w.id
        ) counted
    """,
    "ledger": """
        SELECT sum(abs(coalesce(h.charged_tokens, 0) - coalesce(l.tokens, 0))
          + abs(coalesce(h.charged_micro_usd, 0) - coalesce(l.micro, 0)))
        FROM accounts_hold h FULL JOIN (
          SELECT hold_id AS id, sum(tokens) AS tokens, sum(micro_usd) AS micro
          FROM accounts_ledgerentry WHERE hold_id IS NOT NULL GROUP BY 1) l USING (id)
    """,
    "days": """
        WITH l AS (SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(micro_usd), 0) AS micro
                   FROM accounts_ledgerentry WHERE kind <> 'grant'),
          u AS (SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(micro_usd), 0) AS micro
                FROM accounts_usageday),
          w AS (SELECT coalesce(sum(tokens), 0) AS tokens, coalesce(sum(micro_usd), 0) AS micro
                FROM accounts_workspaceday)
        SELECT abs(l.tokens - u.tokens) + abs(l.micro - u.micro)
          + abs(u.tokens - w.tokens) + abs(u.micro - w.micro) FROM l, u, w
    """,
}


def drifts(zone: str) -> dict[str, int]:
    """By what was compared, in tokens and micro-dollars added up; one statement, so one moment."""
    questions = ", ".join(f"({question})" for question in _DRIFTS.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {questions}", {"zone": zone})
        found = cursor.fetchone() or ()
    return {name: int(value or 0) for name, value in zip(_DRIFTS, found, strict=True)}
