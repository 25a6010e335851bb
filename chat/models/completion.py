"""One run that writes one assistant message: what was asked of the model, who runs it, how it ended, what it cost."""

import uuid

from django.conf import settings
from django.db import models

from chat.models.message import Message
from chat.models.states import RUNNING, State

# The gateway will not have our key, our credit or a model: staff must act, and trying again helps nobody.
REFUSALS = ("model_denied", "model_gone", "upstream_auth", "upstream_quota")


class Completion(models.Model):
    """`lease_owner` is the node that may write the answer, until `lease_until` by PostgreSQL's clock.

    Every write to a running answer carries the owner in its WHERE: who updates no row has lost it and stops.
    `restarts` counts how often an answer of which nothing was shown was begun again after its node went away;
    `continues` is the answer that this one goes on from, whose text its own begins with;
    `waits_for` is the answer above it on its branch that was being written when this one was asked for: it begins
    when that has ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="completion")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    model = models.CharField(max_length=100)
    model_used = models.CharField(max_length=100, blank=True)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    stop_requested = models.BooleanField(default=False)
    restarts = models.PositiveSmallIntegerField(default=0)
    continues = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="continuations"
    )

    waits_for = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="waiting"
    )

    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    finish_reason = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=64, blank=True)
    detail = models.TextField(blank=True)
    upstream_id = models.CharField(max_length=200, blank=True)
    reasoning = models.TextField(blank=True)
    left_out = models.IntegerField(default=0)
    max_output = models.IntegerField(null=True, blank=True)  # where the budget has made it smaller
    prompt_key = models.CharField(
        max_length=16, blank=True
    )  # of the beginning that `usage` has measured
    usage = models.JSONField(null=True, blank=True)
    cost_micro_usd = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["queued", "streaming"]),
                name="leases_that_may_expire",
            ),
            models.Index(
                fields=["requested_by"],
                condition=models.Q(state__in=["queued", "streaming"]),
                name="running_by_person",
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(code__in=REFUSALS),
                name="refusals_by_time",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost_micro_usd__isnull=True) | models.Q(cost_micro_usd__gte=0),
                name="cost_is_never_negative",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def is_running(self) -> bool:
        return self.state in RUNNING

    def is_waiting(self) -> bool:
        """In line behind another answer; no node has begun it."""
        return (
            self.state == State.QUEUED
            and self.lease_owner is None
            and self.waits_for_id is not None
        )
