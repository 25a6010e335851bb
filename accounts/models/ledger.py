"""What was reserved, what was charged, and at which prices.

Nothing here points at a person or a conversation by a foreign key: money outlives both. Ledger rows are only added.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Price(models.Model):
    """Pico-dollars a token (which is micro-dollars for a million tokens), from a moment on. A prompt of more than
    `long_prompt_tokens` is priced at the long rates, the whole of it. Cached is inside the prompt, reasoning inside the
    output."""

    model = models.CharField(max_length=100)
    effective_from = models.DateTimeField()
    prompt = models.BigIntegerField()
    cached = models.BigIntegerField()
    output = models.BigIntegerField()
    long_prompt_tokens = models.BigIntegerField(null=True, blank=True)
    long_prompt = models.BigIntegerField(default=0)
    long_cached = models.BigIntegerField(default=0)
    long_output = models.BigIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "effective_from"], name="one_price_at_a_time"),
            models.CheckConstraint(
                condition=Q(prompt__gte=F("cached"), cached__gte=0, output__gte=0)
                & Q(long_prompt__gte=F("long_cached"), long_cached__gte=0, long_output__gte=0),
                name="prices_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(long_prompt_tokens=None)
                | Q(
                    long_prompt__gte=F("prompt"),
                    long_output__gte=F("output"),
                    long_cached__gte=F("cached"),
                ),
                name="long_prompts_are_not_cheaper",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} from {self.effective_from}"


class Hold(models.Model):
    """The worst case of one call, taken from the windows before it is made; `attempt` counts the calls of a completion.

    held -> settled: by what the call used up; held -> expired: nobody settled it in time. It leaves `held` once.
    """

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    completion_id = models.UUIDField()
    attempt = models.SmallIntegerField()
    user_id = models.UUIDField()
    group_id = models.UUIDField(null=True)
    model = models.CharField(max_length=100)
    price_id = models.BigIntegerField()
    purpose = models.CharField(max_length=10)
    window_ids = ArrayField(models.BigIntegerField())
    tokens = models.BigIntegerField()
    micro_usd = models.BigIntegerField()
    prompt_bound = models.BigIntegerField()
    max_output = models.BigIntegerField()
    asked_output = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    created_at = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    charged_tokens = models.BigIntegerField(default=0)
    charged_micro_usd = models.BigIntegerField(default=0)
    source = models.CharField(max_length=10, blank=True)  # upstream, estimate, bound, none

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["completion_id", "attempt"], name="one_hold_a_call")
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="held"), name="holds_that_may_expire"
            ),
            models.Index(fields=["user_id"], condition=Q(state="held"), name="holds_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.completion_id}/{self.attempt} {self.state}"


class LedgerEntry(models.Model):
    """One change of what was spent, or of what may be."""

    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=8)  # settle, expire, correct, grant, refund
    hold_id = models.UUIDField(null=True)
    user_id = models.UUIDField()
    group_id = models.UUIDField(null=True)
    model = models.CharField(max_length=100, blank=True)
    purpose = models.CharField(max_length=10, blank=True)
    prompt_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField()
    cost_pico = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    micro_usd = models.BigIntegerField()
    overrun_tokens = models.BigIntegerField(
        default=0
    )  # beyond the hold: an upstream that ignores its cap
    price_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=10, blank=True)
    actor = models.UUIDField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "-at"], name="ledger_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.tokens}"


class UsageDay(models.Model):
    """Sums of a person, a model and a purpose on a day of the workspace's time zone."""

    day = models.DateField()
    user_id = models.UUIDField()
    model = models.CharField(max_length=100)
    purpose = models.CharField(max_length=10)
    group_id = models.UUIDField(null=True)
    calls = models.BigIntegerField(default=0)
    prompt_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    micro_usd = models.BigIntegerField(default=0)
    estimated_tokens = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "day", "model", "purpose", "group_id"],
                name="one_usage_day",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(fields=["day"], name="usage_of_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class WorkspaceDay(models.Model):
    """The same of everyone together."""

    day = models.DateField()
    model = models.CharField(max_length=100)
    calls = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    micro_usd = models.BigIntegerField(default=0)
    estimated_tokens = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "model"], name="one_workspace_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.model}"
