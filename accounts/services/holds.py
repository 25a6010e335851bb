"""What is held for a call, at which price: read, and never changed here."""

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.db import connection

from accounts import prices
from accounts.errors import PriceUnknown
from accounts.models import Price
from accounts.prices import PriceTag, Rate, Tokens
from accounts.services import statements

Purpose = Literal["chat", "title"]
Source = Literal["upstream", "estimate", "bound", "none"]


@dataclass(frozen=True)
class Call:
    """What is about to be asked of a model. `attempt` counts the calls of one completion; `prompt_bound` is the most
    tokens that the prompt can have; of `most_output` at least `least_output` must be affordable."""

    completion_id: uuid.UUID
    model: str
    prompt_bound: int
    most_output: int
    least_output: int
    purpose: Purpose = "chat"
    attempt: int = 0


@dataclass(frozen=True)
class Hold:
    """What was reserved. `max_output` is sent upstream as the cap."""

    id: uuid.UUID
    user_id: uuid.UUID
    model: str
    price_id: int
    tokens: int
    micro_usd: int
    prompt_bound: int
    max_output: int
    is_dispatched: bool
    asked_output: int
    purpose: str
    window_ids: list[int]

    @property
    def is_smaller(self) -> bool:
        """The budget allows less than was asked for."""
        return self.max_output < self.asked_output


@dataclass(frozen=True)
class Charge:
    """What a call has cost; `source` says how that is known."""

    tokens: int
    micro_usd: int
    source: str


def hold_of(completion_id: uuid.UUID, attempt: int) -> Hold | None:
    return _one(statements.HOLD, completion_id, attempt)


def locked_hold_of(completion_id: uuid.UUID, attempt: int) -> Hold | None:
    """As it stays until the caller's transaction ends."""
    return _one(statements.LOCK_HOLD, completion_id, attempt)


def reread(hold: Hold) -> Hold | None:
    return _one(statements.HOLD_BY_ID, hold.id)


def _one(statement: str, *given: uuid.UUID | int) -> Hold | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        row = cursor.fetchone()
    return Hold(*row) if row else None


def charge_of(hold: Hold, used: Tokens) -> int:
    """Micro-dollars at the price that was pinned when the hold was made."""
    return prices.to_micro(price_tag(hold.price_id).pico(used))


def price_of(model: str) -> PriceTag:
    """What holds now. Raises PriceUnknown: without a price there is no hold, and without a hold no call."""
    with connection.cursor() as cursor:
        cursor.execute(statements.PRICE_NOW, [model])
        row = cursor.fetchone()
    if row is None:
        raise PriceUnknown(model)
    return price_tag(row[0])


@lru_cache(maxsize=1024)
def price_tag(price_id: int) -> PriceTag:
    """Rows of the price table never change."""
    row = Price.objects.get(pk=price_id)
    long = Rate(row.long_prompt, row.long_cached, row.long_output)
    return PriceTag(
        id=price_id,
        rate=Rate(row.prompt, row.cached, row.output),
        long=long if row.long_prompt_tokens else None,
        long_prompt=row.long_prompt_tokens or 0,
    )
