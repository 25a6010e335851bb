"""What staff send about spending. Amounts are whole tokens and micro-dollars; null is unlimited, 0 blocked."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictInt

from accounts.services.budgets import Limit


def _without_nul(words: str) -> str:
    """PostgreSQL has no such character."""
    return words.replace("\0", "").strip()


Words = Annotated[str, Field(max_length=500), AfterValidator(_without_nul)]
Amount = Annotated[StrictInt, Field(ge=0, le=10**15)]
Rate = Annotated[StrictInt, Field(ge=0, le=10**12)]


class Body(Schema):
    model_config = ConfigDict(extra="forbid")


class LimitIn(Body):
    period: Literal["day", "week", "month", "total"]
    limit_tokens: Amount | None
    limit_micro_usd: Amount | None

    def limit(self) -> Limit:
        return Limit(self.period, self.limit_tokens, self.limit_micro_usd)


class BudgetIn(LimitIn):
    reason: Words = ""


class BulkIn(Body):
    """`limit` null: back to the default. `preview`: only say what it would do."""

    people: list[UUID]
    limit: LimitIn | None
    reason: Words = ""
    preview: StrictBool = False


class GrantIn(Body):
    tokens: Amount = 0
    micro_usd: Amount = 0
    reason: Words = ""


class DecisionIn(Body):
    """Without amounts: as much as was asked for."""

    tokens: Amount | None = None
    micro_usd: Amount | None = None
    note: Words = ""


class DeclineIn(Body):
    note: Words = ""


class ReasonIn(Body):
    reason: Words = ""


class PriceIn(Body):
    """Pico-dollars a token, which is micro-dollars for a million tokens. `sure`: a large change is meant."""

    model: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_without_nul)]
    prompt: Rate
    cached: Rate
    output: Rate
    long_prompt_tokens: Annotated[StrictInt, Field(gt=0, le=10**9)] | None = None
    long_prompt: Rate = 0
    long_cached: Rate = 0
    long_output: Rate = 0
    note: Annotated[str, Field(max_length=200), AfterValidator(_without_nul)] = ""
    effective_from: datetime | None = None
    sure: StrictBool = False
