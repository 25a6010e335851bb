"""Who may have another answer written: so many of one person on all nodes together, so many on this node.

Answers that begin again by themselves do not come through here.
"""

from django.conf import settings

from accounts.models import User
from chat.completions import runner
from chat.errors import ServerBusy, TooManyAnswers
from chat.models import Completion
from chat.models.states import RUNNING
from webchat import metrics


def admit(person: User) -> None:
    """Refuse an answer that is stored but not committed, by raising: the last thing before the commit."""
    if runner.running_here() >= settings.ANSWERS_PER_NODE:
        metrics.REFUSED.labels("server_busy").inc()
        raise ServerBusy
    if _running_of(person) > settings.ANSWERS_PER_PERSON:
        metrics.REFUSED.labels("too_many_answers").inc()
        raise TooManyAnswers(settings.ANSWERS_PER_PERSON)


def _running_of(person: User) -> int:
    """With the one that is being stored. Posts of one person on two nodes count one after the other: their budget's
    row is locked by now, and whoever waited for it sees what the other has committed."""
    return Completion.objects.filter(requested_by=person, state__in=RUNNING).count()
