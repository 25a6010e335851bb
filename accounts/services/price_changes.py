"""Staff add a price: it holds from now or later, and a slip by a factor is asked about first."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import transaction
from django.utils import timezone

from accounts.models import Price, User
from accounts.services import changes
from accounts.services.reports import ask
from webchat.errors import Conflict, InvalidInput

SUSPICIOUS = 5
MOST = 10**12
_RATES = ("prompt", "cached", "output", "long_prompt", "long_cached", "long_output")
_LISTED = """
SELECT p.*, p.effective_from <= now() AND NOT EXISTS (
    SELECT 1 FROM accounts_price later WHERE later.model = p.model
      AND later.effective_from > p.effective_from AND later.effective_from <= now()) AS is_current,
  (SELECT max(day) FROM accounts_workspaceday d WHERE d.model = p.model) AS last_used
FROM accounts_price p ORDER BY model, effective_from DESC
"""


class BadPrice(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "A price has a model, whole pico-dollars a token, cached at most the prompt's, and begins now or later."
        )


class SuspiciousPrice(Conflict):
    def __init__(self, times: int) -> None:
        super().__init__(f"One of these rates changes about {times} times. Is that what you mean?")


@dataclass(frozen=True)
class NewPrice:
    """Pico-dollars a token, which is micro-dollars for a million tokens."""

    model: str
    prompt: int
    cached: int
    output: int
    long_prompt_tokens: int | None = None
    long_prompt: int = 0
    long_cached: int = 0
    long_output: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        rates = [getattr(self, name) for name in _RATES]
        is_long = self.long_prompt_tokens is None or self.long_prompt_tokens > 0
        fits = all(0 <= rate <= MOST for rate in rates) and is_long
        makes_sense = self.cached <= self.prompt and self.long_cached <= self.long_prompt
        if not (self.model.strip() and fits and makes_sense):
            raise BadPrice


def listed() -> list[dict[str, Any]]:
    """Every price there was, is and will be; `is_current` holds now."""
    return ask(_LISTED, {})


@transaction.atomic
def add_price(
    price: NewPrice, *, by: User, begins: datetime | None = None, is_sure: bool = False
) -> Price:
    """Raises BadPrice, or SuspiciousPrice unless `is_sure`."""
    now = timezone.now()
    if begins and begins < now:
        raise BadPrice
    current = Price.objects.filter(model=price.model, effective_from__lte=begins or now)
    before = current.order_by("-effective_from").first()
    if before and not is_sure:
        _refuse_slips(before, price)
    made = Price.objects.create(
        **asdict(price), effective_from=begins or TransactionNow(), created_by=by.pk
    )
    _note(before, price, by)
    return made


def _refuse_slips(before: Price, price: NewPrice) -> None:
    is_long = before.long_prompt_tokens and price.long_prompt_tokens
    names = _RATES if is_long else _RATES[:3]
    pairs = [(getattr(before, name), getattr(price, name)) for name in names]
    times = max((max(pair) // max(min(pair), 1) for pair in pairs if any(pair)), default=1)
    if times > SUSPICIOUS:
        raise SuspiciousPrice(times)


def _note(before: Price | None, price: NewPrice, by: User) -> None:
    changes.note(
        "price",
        by=by,
        scope="workspace",
        subject=None,
        before={name: getattr(before, name) for name in _RATES} if before else None,
        after={"model": price.model} | {name: getattr(price, name) for name in _RATES},
        reason=price.note,
    )
