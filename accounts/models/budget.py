"""What people may spend. Amounts are whole tokens and whole micro-dollars; NULL is unlimited, 0 is blocked.

A `Budget` is a rule. A `BudgetWindow` counts one subject in one period and carries the limit that holds there, so that
admission is one statement over a few rows. No job resets anything: a new period is a new row, made when it is needed.
"""

import uuid

from django.conf import settings
from django.db import models

WORKSPACE = uuid.UUID(int=0)  # the subject of the workspace's own windows


class Scope(models.TextChoices):
    PERSON = "person", "each person"
    GROUP = "group", "a group together"
    WORKSPACE = "workspace", "everyone together"


class Period(models.TextChoices):
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"
    TOTAL = "total", "in total"


class Budget(models.Model):
    """For a person the most specific rule holds: their own, else their group's for each member, else the default
    (neither user nor group). Then all of person, group together and workspace must admit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="budget"
    )
    group = models.ForeignKey(
        "accounts.Group", null=True, on_delete=models.CASCADE, related_name="budgets"
    )
    period = models.CharField(max_length=5, choices=Period.choices, default=Period.MONTH)
    limit_tokens = models.BigIntegerField(null=True)
    limit_micro_usd = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "user", "group"], name="one_budget_a_subject", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(limit_tokens=None) | models.Q(limit_tokens__gte=0),
                name="no_negative_token_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_micro_usd=None) | models.Q(limit_micro_usd__gte=0),
                name="no_negative_money_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.period}"


class BudgetWindow(models.Model):
    """`subject` is a person, a group or WORKSPACE. What holds is limit plus granted. Locked in order of (rank, id)."""

    rank = models.SmallIntegerField()  # 0 person, 1 group, 2 workspace: the hottest last
    subject = models.UUIDField()
    period = models.CharField(max_length=5, choices=Period.choices)
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    limit_tokens = models.BigIntegerField(null=True)
    granted_tokens = models.BigIntegerField(default=0)
    spent_tokens = models.BigIntegerField(default=0)
    held_tokens = models.BigIntegerField(default=0)
    limit_micro_usd = models.BigIntegerField(null=True)
    granted_micro_usd = models.BigIntegerField(default=0)
    spent_micro_usd = models.BigIntegerField(default=0)
    held_micro_usd = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "period", "starts"], name="one_window"),
            models.CheckConstraint(
                condition=models.Q(
                    spent_tokens__gte=0,
                    held_tokens__gte=0,
                    spent_micro_usd__gte=0,
                    held_micro_usd__gte=0,
                ),
                name="counters_are_never_negative",
            ),
        ]
        indexes = [models.Index(fields=["rank", "period", "starts"], name="windows_of_a_period")]

    def __str__(self) -> str:
        return f"{self.subject} {self.period} {self.starts}"


class BudgetChange(models.Model):
    """The audit trail: who changed what, and how it was before. Rows are only added."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.UUIDField(null=True)
    scope = models.CharField(max_length=10)
    subject = models.UUIDField(null=True)  # NULL: the default for everyone
    action = models.CharField(max_length=20)  # limit, grant, price, request, refund, undo
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "-at"], name="changes_of_a_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.at}"


class BudgetAlert(models.Model):
    """A warning that was given: once for a window and a threshold in percent."""

    window_id = models.BigIntegerField()
    threshold = models.SmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["window_id", "threshold"], name="one_warning_each")
        ]

    def __str__(self) -> str:
        return f"{self.threshold}%"


class BudgetRequest(models.Model):
    """A person asks for more."""

    class State(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="budget_requests"
    )
    tokens = models.BigIntegerField(null=True)
    micro_usd = models.BigIntegerField(null=True)
    message = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="open"), name="one_open_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"
