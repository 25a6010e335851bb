"""The states of an answer: message status and completion state share them (DESIGN.md section 5)."""

from django.db.models import TextChoices


class State(TextChoices):
    QUEUED = "queued", "waiting for its first word"
    STREAMING = "streaming", "being written"
    COMPLETED = "completed", "complete"
    STOPPED = "stopped", "stopped by a person"
    TRUNCATED = "truncated", "cut off by the upstream"
    FAILED = "failed", "no answer came"
    INTERRUPTED = "interrupted", "cut off by our own server"


RUNNING = (State.QUEUED, State.STREAMING)
