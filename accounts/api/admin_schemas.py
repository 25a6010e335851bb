"""What staff get about spending. Amounts are whole tokens and micro-dollars; null is unlimited, 0 blocked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema


class Limits(Schema):
    period: str
    limit_tokens: int | None
    limit_micro_usd: int | None


class Counters(Schema):
    limit_tokens: int | None
    limit_micro_usd: int | None
    spent_tokens: int
    spent_micro_usd: int
    held_tokens: int
    held_micro_usd: int


class PersonOut(Counters):
    """`permille`: of the limit that is nearest. `days`: micro-dollars of the last fourteen, the oldest first."""

    id: UUID
    name: str
    email: str
    is_active: bool
    group_id: UUID | None
    group_name: str | None
    has_own: bool
    period: str | None
    starts: datetime | None
    ends: datetime | None
    rule_tokens: int | None
    rule_micro_usd: int | None
    granted_tokens: int
    granted_micro_usd: int
    permille: int | None
    state: str
    last_active: date | None
    calls: int
    top_model: str | None
    estimated_tokens: int
    days: list[int]


class WorkspaceOut(Counters):
    """`forecast_*`: spent at the end of the period if it goes on like this."""

    period: str
    starts: datetime
    ends: datetime | None
    forecast_tokens: int | None
    forecast_micro_usd: int | None


class SummaryOut(Schema):
    window: WorkspaceOut
    default: Limits | None
    sums: dict[str, int]
    held: dict[str, int]
    people: dict[str, int]
    requests: int
    first: date
    last: date


class GroupOut(Schema):
    id: UUID
    name: str


class SpendOut(Schema):
    summary: SummaryOut
    items: list[PersonOut]
    next: str | None
    groups: list[GroupOut]
    models: list[str]
    zone: str


class DayOut(Schema):
    day: date
    model: str
    tokens: int
    micro_usd: int
    calls: int
    estimated_tokens: int


class DaysOut(Schema):
    first: date
    last: date
    days: list[DayOut]
    previous: list[DayOut]


class WindowOut(Counters):
    scope: str
    period: str
    resets_at: datetime | None


class HoldOut(Schema):
    id: UUID
    model: str
    purpose: str
    tokens: int
    micro_usd: int
    created_at: datetime
    dispatched_at: datetime | None
    expires_at: datetime


class ChangeOut(Schema):
    id: int
    at: datetime
    actor: str
    scope: str
    subject: UUID | None
    action: str
    before: Any
    after: Any
    reason: str
    can_be_undone: bool


class ChangesOut(Schema):
    items: list[ChangeOut]


class DossierOut(Schema):
    person: PersonOut | None
    windows: list[WindowOut]
    days: list[DayOut]
    holds: list[HoldOut]
    changes: list[ChangeOut]


class EntryOut(Schema):
    id: int
    at: datetime
    kind: str
    hold_id: UUID | None
    model: str
    purpose: str
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    tokens: int
    micro_usd: int
    overrun_tokens: int
    source: str
    actor: UUID | None
    reason: str
    refundable: bool


class LedgerOut(Schema):
    items: list[EntryOut]
    next: int | None


class RequestOut(Schema):
    id: UUID
    user_id: UUID
    tokens: int | None
    micro_usd: int | None
    message: str
    state: str
    created_at: datetime
    decided_at: datetime | None
    note: str


class WaitingOut(RequestOut):
    person: PersonOut | None


class RequestsOut(Schema):
    items: list[WaitingOut]


class EffectOut(Schema):
    id: UUID
    name: str
    before: Limits
    after: Limits
    is_above: bool


class EffectsOut(Schema):
    items: list[EffectOut]


class RefundOut(Schema):
    tokens: int
    micro_usd: int


class PriceOut(Schema):
    id: int
    model: str
    effective_from: datetime
    prompt: int
    cached: int
    output: int
    long_prompt_tokens: int | None
    long_prompt: int
    long_cached: int
    long_output: int
    note: str
    is_current: bool
    last_used: date | None


class PricesOut(Schema):
    items: list[PriceOut]


class DriftOut(Schema):
    """Zero everywhere, or the counters and the ledger do not say the same."""

    at: datetime
    drifts: dict[str, int]
