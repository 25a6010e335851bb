"""The door of money: reserve, fence, call, settle. Knows nothing of chat.

`reserve` takes the worst case of a call from every window that applies, in one statement; `fence` says that the call
is made, and how long it may get; `settle` books what it used up and gives the rest back. What nobody settles is swept.
Lock order: hold, windows by (rank, id), sums.
"""

import uuid
from collections.abc import Callable, Collection
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from prometheus_client import Counter

from accounts import prices
from accounts.errors import BudgetExceeded, BudgetUnavailable
from accounts.models import User
from accounts.prices import PriceTag, Tokens
from accounts.services import changes, refusals, statements, warnings
from accounts.services.holds import (
    Call,
    Charge,
    Hold,
    Purpose,
    Source,
    charge_of,
    hold_of,
    locked_hold_of,
    price_of,
    price_tag,
    reread,
)
from accounts.services.windows import Window, windows_of
from webchat.commits import after_commit

__all__ = [
    "Call",
    "Charge",
    "Hold",
    "Purpose",
    "Source",
    "charge_of",
    "hold_of",
    "locked_hold_of",
    "price_of",
]
Use = tuple[Tokens, Source]
log = structlog.get_logger(__name__)
HOLD_SECONDS = 60
KINDS = ("prompt", "cached", "output", "reasoning")
TOKENS = Counter("webchat_tokens", "Tokens that were used up", ["model", "purpose", "kind"])
COST = Counter("webchat_cost_micro_usd", "Cost in micro-dollars", ["model", "purpose"])


def reserve(user: User, call: Call) -> Hold:
    """Hold the worst case of a call, made smaller to fit. Raises BudgetExceeded, PriceUnknown or BudgetUnavailable.
    The same call again returns its hold. The last step of a transaction: a refusal rolls everything back."""
    if not connection.in_atomic_block:
        with transaction.atomic():  # so that all of it has one moment, and one period
            return reserve(user, call)
    price = price_of(call.model)
    try:
        return _take_what_fits(user, call, price)
    except BudgetExceeded:
        if known := hold_of(call.completion_id, call.attempt):
            return known  # asked before, when there was room
        raise
    except OperationalError:
        raise BudgetUnavailable from None


def _take_what_fits(user: User, call: Call, price: PriceTag) -> Hold:
    """Read without a lock, then try. Where somebody was quicker, once more, with the lock first."""
    if hold := _try(user, call, price):
        return hold
    with transaction.atomic():
        _lock(windows_of(user.pk))
        hold = _try(user, call, price)
    if hold is None:
        raise BudgetUnavailable
    return hold


def _try(user: User, call: Call, price: PriceTag) -> Hold | None:
    windows = windows_of(user.pk)
    output = fitting_output(windows, call, price)
    if output < call.least_output:
        raise refusals.refusal(windows, call, price)
    return _take(user, call, price, windows, output)


def _lock(windows: list[Window]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK, [[window.id for window in windows]])


def fitting_output(windows: list[Window], call: Call, price: PriceTag) -> int:
    """The most output that every window admits; below zero where not even the prompt fits."""
    rate = price.rate_for(call.prompt_bound)
    most = [call.most_output]
    for window in windows:
        if window.tokens_left is not None:
            most.append(window.tokens_left - call.prompt_bound)
        if window.micro_usd_left is not None:
            left = window.micro_usd_left * prices.PICO_PER_MICRO - call.prompt_bound * rate.prompt
            most.append(left // rate.output if rate.output else min(left, call.most_output))
    return min(most)


def _take(
    user: User, call: Call, price: PriceTag, windows: list[Window], output: int
) -> Hold | None:
    worst = Tokens(prompt=call.prompt_bound, output=output)
    given: dict[str, Any] = {
        "id": uuid.uuid4(),
        "completion": call.completion_id,
        "attempt": call.attempt,
        "user": user.pk,
        "group": next((one.subject for one in windows if one.rank == 1), user.group_id),
        "model": call.model,
        "price": price.id,
        "purpose": call.purpose,
        "windows": [window.id for window in windows],
        "tokens": worst.total,
        "micro": prices.to_micro(price.pico(worst)),
        "prompt_bound": call.prompt_bound,
        "max_output": output,
        "asked_output": call.most_output,
        "seconds": HOLD_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.RESERVE, given)
        admitted, is_new = cursor.fetchone() or (False, False)
    if not admitted:
        return None
    if not is_new:
        return hold_of(call.completion_id, call.attempt)
    changes.announce(user.pk)
    return _hold(given)


def _hold(given: dict[str, Any]) -> Hold:
    """As it was stored just now."""
    return Hold(
        id=given["id"],
        user_id=given["user"],
        model=given["model"],
        price_id=given["price"],
        tokens=given["tokens"],
        micro_usd=given["micro"],
        prompt_bound=given["prompt_bound"],
        max_output=given["max_output"],
        is_dispatched=False,
        asked_output=given["asked_output"],
        purpose=given["purpose"],
        window_ids=given["windows"],
    )


def fence(completion_id: uuid.UUID, attempt: int) -> Hold | None:
    """Say that the call is made now, capped at `max_output`. None: nothing is held, and no call may be made."""
    with connection.cursor() as cursor:
        cursor.execute(statements.FENCE, [HOLD_SECONDS, completion_id, attempt])
        row = cursor.fetchone()
    return Hold(*row) if row else None


def keep(completion_ids: Collection[uuid.UUID]) -> None:
    """Their calls go on: keep the sweeper away for a while."""
    with connection.cursor() as cursor:
        cursor.execute(statements.KEEP, [list(completion_ids), HOLD_SECONDS])


def settle(
    completion_id: uuid.UUID, attempt: int, used: Tokens | None, source: Source
) -> Charge | None:
    """Book a call that has ended; None where there is nothing (any more) to book. Usage that the upstream reported is
    booked as it is, even beyond the hold; everything else within it. Late, it corrects what the sweeper has booked."""
    hold = hold_of(completion_id, attempt)
    if hold is None:
        return None
    use: Use = (used, source) if used else (Tokens(0, 0), "none")
    return _close(hold, lambda _: use, into="settled")


def settle_lost(hold: Hold, *, into: str = "settled") -> Charge | None:
    """Book a call that nobody will hear of again by `worst_of`, as the hold is when it is closed: its node may have
    been about to make the call. None where it is closed already."""
    return _close(hold, worst_of, into=into)


def sweep() -> int:
    """Book the holds that nobody has kept or settled in time; how many."""
    with connection.cursor() as cursor:
        cursor.execute(statements.EXPIRED)
        holds = [Hold(*row) for row in cursor.fetchall()]
    return sum(_swept(hold) for hold in holds)


def _swept(hold: Hold) -> bool:
    """One that cannot be booked must not keep the others waiting."""
    try:
        return settle_lost(hold, into="expired") is not None
    except OperationalError:
        raise
    except Exception:
        log.exception("hold.unswept", hold=str(hold.id))
        return False


def worst_of(hold: Hold) -> Use:
    """Of a call that nobody will hear of again: all that was held if it was made, nothing if not."""
    if not hold.is_dispatched:
        return Tokens(0, 0), "none"
    return Tokens(prompt=hold.prompt_bound, output=hold.max_output), "bound"


def within(hold: Hold, used: Tokens) -> Tokens:
    """An estimate, never more than was held."""
    prompt = min(used.prompt, hold.prompt_bound)
    return Tokens(prompt=prompt, output=min(used.output, hold.max_output))


def _close(hold: Hold, use_of: Callable[[Hold], Use], *, into: str) -> Charge | None:
    """Once, as the hold is when it is locked: its call may have been made, or it may have moved into another window,
    since it was read."""
    used, source = use_of(hold)
    given = _closing(hold, used, source, into)
    with connection.cursor() as cursor:
        cursor.execute(statements.CLOSE, given)
        row = cursor.fetchone()
    if row is None:
        now = reread(hold)
        return None if now is None or now == hold else _close(now, use_of, into=into)
    _follow_up(hold, used, given["micro"], row[0])
    return Charge(used.total, given["micro"], source)


def _closing(hold: Hold, used: Tokens, source: Source, into: str) -> dict[str, Any]:
    price = price_tag(hold.price_id)
    return {
        "id": hold.id,
        "windows": hold.window_ids,
        "is_dispatched": hold.is_dispatched,
        "into": into,
        "prompt": used.prompt,
        "cached": min(used.cached, used.prompt),
        "output": used.output,
        "reasoning": used.reasoning,
        "tokens": used.total,
        "pico": price.pico(used),
        "bound_pico": price.pico(Tokens(hold.prompt_bound, hold.max_output)),
        "micro": charge_of(hold, used),
        "source": source,
        "zone": settings.TIME_ZONE,
    }


def _follow_up(hold: Hold, used: Tokens, micro_usd: int, window_ids: list[int]) -> None:
    after_commit(warnings.warn, window_ids)
    changes.announce(hold.user_id)
    _count(hold, used, micro_usd)
    if used.output > hold.max_output or used.total > hold.tokens or micro_usd > hold.micro_usd:
        log.error("budget.overrun", hold=str(hold.id), model=hold.model, tokens=used.total)


def _count(hold: Hold, used: Tokens, micro_usd: int) -> None:
    for kind in KINDS:
        TOKENS.labels(hold.model, hold.purpose, kind).inc(getattr(used, kind))
    COST.labels(hold.model, hold.purpose).inc(micro_usd)
