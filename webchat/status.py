"""The staff page Status: what the doctor finds from inside the running server, and what this process does."""

import os
from datetime import UTC, datetime

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY

from accounts.http import staff_required
from chat.models import Completion
from chat.models.states import RUNNING
from webchat.doctor import examine

# Problems first: nobody should have to look for them.
ORDER = {"problem": 0, "note": 1, "ok": 2}
TONES = {"problem": "bad", "note": "", "ok": "ok"}
WORDS = {"problem": "Problem", "note": "Note", "ok": "OK"}


@require_safe
@staff_required
def page(request: HttpRequest) -> HttpResponse:
    """Everything is looked at anew whenever the page is opened."""
    found = sorted(examine(), key=lambda finding: ORDER[finding.state])
    rows = [(finding, TONES[finding.state], WORDS[finding.state]) for finding in found]
    wrong = sum(finding.state == "problem" for finding in found)
    about = {"rows": rows, "wrong": wrong, "process": os.getpid(), "now": datetime.now(UTC)}
    return render(request, "status.html", about | _figures())


def _figures() -> dict[str, object]:
    """Of this process, and of all that share the database."""
    everywhere = Completion.objects.filter(state__in=RUNNING)
    return {
        "answers": _gauge("webchat_answers_running"),
        "sockets": _gauge("webchat_sockets"),
        "answers_everywhere": everywhere.count(),
        "nodes": everywhere.aggregate(nodes=Count("lease_owner", distinct=True))["nodes"],
        "memory_mb": (REGISTRY.get_sample_value("process_resident_memory_bytes") or 0) / 1024**2,
        "since": (since := _since()),
        "running_for": timesince(since, depth=1) if since else "",
    }


def _gauge(name: str) -> int:
    return int(REGISTRY.get_sample_value(name) or 0)


def _since() -> datetime | None:
    started = REGISTRY.get_sample_value("process_start_time_seconds")
    return datetime.fromtimestamp(started, UTC) if started else None
