"""Continue a shared chat: what the link shows becomes a conversation of one's own, once."""

from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.dateparse import parse_datetime

from accounts.models import User
from accounts.services import trail, workspace
from chat import catalog
from chat.errors import NothingToShare, ShareNotFound
from chat.models import Completion, Conversation, Member, Message, ShareCopy, ShareLink
from chat.models.message import Speaker
from chat.services import share_policy
from chat.services.conversations import create_conversation
from chat.services.share_content import Turn
from chat.services.share_pages import page_of


class Copied(NamedTuple):
    conversation_id: UUID
    is_new: bool


@transaction.atomic
def copy_share(link: ShareLink, *, by: User) -> Copied:
    """Under the link's lock: asking again, or twenty times at once, opens the same. It costs nothing, and neither the
    system prompt nor what is being written comes along. Whoever asks is counted as a visitor before. Raises
    ShareNotFound if the link was turned off meanwhile."""
    link = _locked(link)
    before = ShareCopy.objects.filter(link=link, user=by).first()
    if before and Member.objects.filter(conversation=before.conversation_id, user=by).exists():
        return Copied(before.conversation_id, is_new=False)
    made = _copied(link, by)
    ShareCopy.objects.update_or_create(link=link, user=by, defaults={"conversation": made})
    about = {"conversation": link.conversation_id, "subject": link.pk}
    trail.note("share.copied", by=by, **about, copy=str(made.pk))
    return Copied(made.pk, is_new=True)


def _locked(link: ShareLink) -> ShareLink:
    """As it is now. The caller may have been the last whom it was for."""
    rows = ShareLink.objects.filter(pk=link.pk).with_standing().defer("content")
    locked = rows.select_related("conversation").select_for_update(of=("self",)).first()
    if locked is None or share_policy.state_of(locked) not in ("open", "used_up"):
        raise ShareNotFound
    return locked


def _copied(link: ShareLink, by: User) -> Conversation:
    shown = page_of(link)
    turns = [turn for turn in shown.turns if not turn.is_running()]
    if not turns:
        raise NothingToShare
    conversation = create_conversation(
        owner=by,
        conversation_id=uuid4(),
        title=shown.title,
        model=_model(turns),
        system_prompt=None,
        parameters={},
    )
    _fill(conversation, turns, link.show_names, by)
    return conversation


def _model(turns: list[Turn]) -> str:
    """That of the last answer, where it may be asked here; else the workspace's."""
    models = {catalog.MODELS[model].name: model for model in workspace.models()}
    said = [turn.model for turn in turns if turn.model in models]
    return models[said[-1]] if said and said[-1] else ""


def _fill(conversation: Conversation, turns: list[Turn], show_names: bool, by: User) -> None:
    rows: list[Message] = []
    for turn in turns:
        rows.append(_row(conversation, turn, rows[-1] if rows else None, show_names, by))
    Message.objects.bulk_create(rows)
    for row, turn in zip(rows, turns, strict=True):
        row.created_at = parse_datetime(turn.created_at) or row.created_at
    Message.objects.bulk_update(rows, ["created_at"], batch_size=200)
    Completion.objects.bulk_create(
        Completion(message=row, model=row.model, state=row.status)
        for row in rows
        if row.is_answer()
    )
    conversation.save(update_fields=["version"])
    place = Member.objects.filter(conversation=conversation, user=by)
    place.update(current_message=rows[-1], read_position=rows[-1].position)


def _row(
    conversation: Conversation, turn: Turn, parent: Message | None, show_names: bool, by: User
) -> Message:
    position = conversation.next_version()
    is_answer = turn.role == Speaker.ASSISTANT
    models = {model.name: model.id for model in catalog.MODELS.values()}
    return Message(
        conversation=conversation,
        parent=parent,
        role=turn.role,
        author_id=turn.author if show_names or turn.author == by.pk else None,
        model=models.get(turn.model or "", turn.model or "") if is_answer else "",
        content=turn.content,
        status=turn.status,
        version=position,
        position=position,
    )
