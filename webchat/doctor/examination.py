"""All checks at once, each in a thread of its own, and nobody is waited for longer than the deadline.

Threads and not tasks: half of what is looked at (the ORM, SMTP, the cache, name lookup) blocks. They are daemons, so
that one which hangs keeps neither the command nor the server from ending.
"""

import threading
import time
from collections.abc import Mapping

import structlog
from django.db import connections

from webchat.doctor import database, gateway, handshake, machine, mail, refusals, shared
from webchat.doctor.finding import Check, Finding, problem

log = structlog.get_logger(__name__)
DEADLINE_SECONDS = 5.0
CHECKS: Mapping[str, Check] = {
    "Settings": machine.look_at_settings,
    "Data folder": machine.look_at_data_folder,
    "Database": database.look,
    "Events": shared.look_at_events,
    "Cache": shared.look_at_cache,
    "Websocket": handshake.look,
    "Gateway": gateway.look,
    "Gateway refusals": refusals.look,
    "Mail": mail.look,
}
_STUCK = "Something on the way to it hangs: look at the network and at firewalls, then ask again."
_BROKEN = "That is a fault of the check itself; the log has the details."


def examine(checks: Mapping[str, Check] = CHECKS) -> list[Finding]:
    """In the order of `checks`; within five seconds, whatever hangs."""
    looks = [_Look(subject, check) for subject, check in checks.items()]
    for look in looks:
        look.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    return [finding for look in looks for finding in look.findings(deadline)]


class _Look(threading.Thread):
    def __init__(self, subject: str, check: Check) -> None:
        super().__init__(name=f"doctor: {subject}", daemon=True)
        self._subject = subject
        self._check = check
        self._found: list[Finding] = []

    def run(self) -> None:
        try:
            for finding in self._check():
                self._found.append(finding)
        except Exception as fault:
            log.exception("doctor.broke", subject=self._subject)
            says = f"The check broke off ({type(fault).__name__})."
            self._found.append(problem(self._subject, says, _BROKEN))
        finally:
            connections.close_all()

    def findings(self, deadline: float) -> list[Finding]:
        """What it has found by then, the missing answer included."""
        self.join(max(0.0, deadline - time.monotonic()))
        found = self._found.copy()
        if self.is_alive():
            says = f"No answer within {DEADLINE_SECONDS:.0f} seconds."
            found.append(problem(self._subject, says, _STUCK))
        return found
