"""Who may have another answer written: so many of one person on all nodes together, so many on this node.

Answers that begin again by themselves do not come through here.
"""

from django.conf import settings
from django.db import connection

from accounts.models import User
from chat.completions import runner
from chat.errors import ServerBusy, TooManyAnswers
from chat.models import Completion
from chat.models.states import RUNNING
from webchat import metrics

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def admit(person: User) -> None:
    """Refuse an answer that is stored but not committed, by raising: the last thing before the commit."""
    if runner.running_here() >= settings.ANSWERS_PER_NODE:
        metrics.REFUSED.labels("server_busy").inc()
        raise ServerBusy
    _one_after_the_other(person)
    if _running_of(person) > settings.ANSWERS_PER_PERSON:
        metrics.REFUSED.labels("too_many_answers").inc()
        raise TooManyAnswers(settings.ANSWERS_PER_PERSON)


def _one_after_the_other(person: User) -> None:
    """Posts of one person on two nodes: who waited sees what the other has committed. Their budget's row would do, but
    an answer that waits in line holds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"answers:{person.pk}"])


def _running_of(person: User) -> int:
    """With the one that is being stored, and with those that wait in line."""
    return Completion.objects.filter(requested_by=person, state__in=RUNNING).count()
