"""Create, change and remove conversations."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import workspace
from chat import events
from chat.completions import runner
from chat.errors import IdTaken, NotYours
from chat.models import Conversation, Member
from chat.models.member import Role
from chat.models.states import RUNNING
from chat.services import own_places
from chat.services.access import conversation_for, locked_conversation, writable_conversation
from chat.shapes import conversation_shapes

SHARED = {"title", "model", "system_prompt", "parameters", "answering", "default_message"}


@transaction.atomic
def create_conversation(
    *,
    owner: User,
    conversation_id: UUID,
    title: str,
    model: str,
    system_prompt: str | None,
    parameters: dict[str, Any],
) -> Conversation:
    """Begin a conversation, with the workspace's model and prompt where none is given. Creating the same id again
    returns it; somebody else's id is taken."""
    conversation, is_new = Conversation.objects.get_or_create(
        pk=conversation_id,
        defaults={
            "title": title,
            "titled_by_hand": bool(title),
            "model": model or workspace.default_model(),
            "system_prompt": workspace.now().system_prompt
            if system_prompt is None
            else system_prompt,
            "parameters": parameters,
            "active_at": timezone.now(),
            "version": 1,
        },
    )
    if is_new:
        Member.objects.create(conversation=conversation, user=owner, role=Role.OWNER)
        shape = conversation_shapes(conversation)[owner.pk]
        events.publish(events.conversation_created(shape), to=[owner.pk])
    elif not conversation.members.filter(user=owner, role=Role.OWNER).exists():
        raise IdTaken
    return conversation


@transaction.atomic
def change_conversation(
    conversation_id: UUID, *, by: User, changes: dict[str, Any]
) -> Conversation:
    """Change what all share (writers may) and what is the person's own (see own_places.py)."""
    shared = {name: value for name, value in changes.items() if name in SHARED}
    own = {name: value for name, value in changes.items() if name not in SHARED}
    conversation = _found(by, conversation_id, to_write=bool(shared))
    if own:
        own_places.change(conversation, by, own)
    if shared:
        _change_shared(conversation, shared)
    return conversation


def _found(by: User, conversation_id: UUID, *, to_write: bool) -> Conversation:
    return (
        writable_conversation(by, conversation_id)[0]
        if to_write
        else conversation_for(by, conversation_id)
    )


def _change_shared(conversation: Conversation, shared: dict[str, Any]) -> None:
    if "default_message" in shared:
        found = shared.pop("default_message")
        conversation.default_message = own_places.message_in(conversation, found) if found else None
    for name, value in shared.items():
        setattr(conversation, name, value)
    conversation.titled_by_hand |= "title" in shared
    save_and_tell(conversation)


def save_and_tell(conversation: Conversation) -> None:
    """Store a change of what all share, under the conversation's lock, and tell every member."""
    conversation.next_version()
    conversation.save()
    tell(conversation)


def tell(conversation: Conversation) -> None:
    """Every member is told how they see it now."""
    for user_id, shape in conversation_shapes(conversation).items():
        events.publish(events.conversation_updated(shape), to=[user_id])


@transaction.atomic
def delete_conversation(conversation_id: UUID, *, by: User) -> None:
    """Remove it for everyone; answers that are being written are broken off."""
    conversation, member = locked_conversation(by, conversation_id)
    if not member.is_owner():
        raise NotYours
    _remove(conversation)


def _remove(conversation: Conversation) -> None:
    """In the lock order of everyone: somebody may be changing their own place, or a checkpoint be under way, and
    deleting would begin with the completions."""
    places = conversation.members.select_for_update().order_by("pk")
    members = list(places.values_list("user_id", flat=True))
    rows = conversation.messages.select_for_update().order_by("pk")
    for message_id, status in list(rows.values_list("pk", "status")):
        if status in RUNNING:
            transaction.on_commit(partial(runner.abandon, message_id))
    events.publish(events.conversation_removed(conversation.pk), to=members)
    conversation.delete()
