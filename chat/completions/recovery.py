"""Answers whose node is gone: begun again where nothing was shown yet, else ended with the text that was saved."""

from uuid import UUID

import structlog
from django.db import OperationalError, transaction

from accounts.prices import Tokens
from accounts.services import spending
from accounts.services.spending import Hold, Source
from chat.completions import finish, lease, line
from chat.models import Completion, Conversation, Message
from chat.models.states import State

log = structlog.get_logger(__name__)
MOST_RESTARTS = 1
NOTHING: tuple[Tokens | None, Source] = (None, "none")


def recover_expired(*, surely: bool = False) -> int:
    """How many answers were found whose lease has run out; `surely`: whose node is known to be gone."""
    recovered = 0
    while found := sum(_tried(*ids) for ids in lease.expired(surely=surely)):
        recovered += found
    return recovered


def _tried(conversation_id: UUID, message_id: UUID) -> bool:
    """One that cannot be recovered must not keep the others waiting."""
    try:
        return _recover(conversation_id, message_id)
    except OperationalError:
        raise
    except Exception:
        log.exception("recovery.broke", message=str(message_id))
        return False


def _recover(conversation_id: UUID, message_id: UUID) -> bool:
    with transaction.atomic():
        completion = _locked(conversation_id, message_id)
        if completion is None:
            return False
        hold = spending.locked_hold_of(completion.pk, completion.restarts)
        if _may_begin_again(completion):
            _begin_again(completion)
        else:
            _end(completion, hold)
        if hold:  # together with the end, so that what is shown is what is booked
            spending.settle_lost(hold)
    return True


def _locked(conversation_id: UUID, message_id: UUID) -> Completion | None:
    """Conversation, message, completion: the lock order of everyone. Another reaper's rows are skipped, and those that
    a frozen node holds: who waited for them would not get to the others."""
    conversations = Conversation.objects.select_for_update(skip_locked=True)
    messages = Message.objects.select_for_update(skip_locked=True).values_list("pk")
    conversation = conversations.filter(pk=conversation_id).first()
    if conversation is None or messages.filter(pk=message_id).first() is None:
        return None
    completion = lease.locked_if_expired(message_id)
    if completion is not None:
        completion.message.conversation = conversation
    return completion


def _may_begin_again(completion: Completion) -> bool:
    """Nothing was shown: the first checkpoint makes an answer `streaming`."""
    return (
        completion.state == State.QUEUED
        and completion.restarts < MOST_RESTARTS
        and not completion.stop_requested
    )


def _begin_again(completion: Completion) -> None:
    """Whoever is quickest takes it. Pages may have been shown a word that was never saved: they take the row anew."""
    lease.release(completion.message_id, owner=completion.lease_owner)
    line.tell_anew(completion.message.conversation, completion.message_id)


def _end(completion: Completion, hold: Hold | None) -> None:
    """End it with what was saved. What its node knew of the cost is lost with it: all that was held is booked."""
    used, source = spending.worst_of(hold) if hold else NOTHING
    state = State.STOPPED if completion.stop_requested else State.INTERRUPTED
    lease.end(
        completion.message_id,
        owner=completion.lease_owner,
        state=state,
        lease_owner=lease.NODE,
        detail=finish.SENTENCES[state],
        usage=finish.usage_shown(used, source) if used and used.total else None,
        cost_micro_usd=spending.charge_of(hold, used) if hold and used else None,
    )
    finish.end_message(completion.message.conversation, completion.message_id, state, None)
