"""Make share links, look at what they would show, turn them off."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import trail
from chat import events
from chat.errors import (
    NothingToShare,
    ReadOnly,
    ShareNotFound,
    SnapshotsOnly,
    TooManyLinks,
    UnknownChoice,
    UnknownReaders,
)
from chat.models import Conversation, Member, Message, ShareLink
from chat.models.branches import current_leaf, newest_leaf
from chat.models.share import Audience, ShareKind
from chat.services import share_content, share_policy, share_tokens
from chat.services.access import conversation_for, writable_conversation
from chat.services.findings import findings_in
from chat.services.share_content import Turn
from chat.shapes import Shape, conversation_shapes

MOST_LINKS = 100
MOST_READERS = 100


@dataclass(frozen=True)
class Sharing:
    """What somebody wants to share. `expires_at` None: it never ends by itself. `messages`: only these of it."""

    audience: str
    kind: str
    expires_at: datetime | None
    people: list[UUID] = field(default_factory=list)
    until_message: UUID | None = None
    messages: list[UUID] | None = None
    password: str = ""
    show_names: bool = False
    max_views: int | None = None


def preview(conversation_id: UUID, *, by: User, sharing: Sharing) -> Shape:
    """Exactly what would be visible now, and what in it its maker should look at first. For those who may share."""
    conversation = conversation_for(by, conversation_id)
    member = conversation.members.get(user=by)
    if not member.can_write():
        raise ReadOnly
    turns, _ = _content(conversation, member, sharing)
    return {
        "title": conversation.title,
        "messages": [{**turn.shape(), "message": turn.message} for turn in turns],
        "findings": findings_in(turns),
        "people": share_content.people_in(turns),
    }


@transaction.atomic
def create_share(conversation_id: UUID, *, by: User, sharing: Sharing) -> ShareLink:
    """A new link, `with_standing`. What it may be is what the workspace allows now."""
    share_policy.check(
        audience=sharing.audience,
        expires_at=sharing.expires_at,
        has_password=bool(sharing.password),
    )
    conversation, member = writable_conversation(by, conversation_id)
    turns, until = _content(conversation, member, sharing)
    _refuse_too_many(by)
    readers = _readers(sharing)
    link = _stored(conversation, by, sharing, turns, until)
    link.people.set(readers)
    trail.note("share.created", by=by, **_about(link), **_terms(link))
    _tell(conversation)
    return share_policy.with_standing(ShareLink.objects.all()).get(pk=link.pk)


def _stored(
    conversation: Conversation, by: User, sharing: Sharing, turns: list[Turn], until: Message
) -> ShareLink:
    token, pk = share_tokens.new_token(), uuid4()
    is_snapshot = sharing.kind == ShareKind.SNAPSHOT
    return ShareLink.objects.create(
        id=pk,
        conversation=conversation,
        maker=by,
        token_hash=share_tokens.hash_of(token),
        token_sealed=share_tokens.sealed(token, link_id=pk),
        audience=sharing.audience,
        kind=sharing.kind,
        until_message=until,
        title=conversation.title,
        content=[_kept(turn) for turn in turns] if is_snapshot else [],
        show_names=sharing.show_names,
        password=make_password(sharing.password) if sharing.password else "",
        max_views=sharing.max_views,
        expires_at=sharing.expires_at,
    )


def _kept(turn: Turn) -> Shape:
    """As a snapshot stores it: `message` tells whether it was deleted since, `author` who it was for a copy."""
    author = str(turn.author) if turn.author else None
    return {**turn.shape(), "message": str(turn.message), "author": author}


def _content(
    conversation: Conversation, member: Member, sharing: Sharing
) -> tuple[list[Turn], Message]:
    """What is shown now, and the message up to which (or through which) the branch is shared."""
    if sharing.messages is not None and sharing.kind != ShareKind.SNAPSHOT:
        raise SnapshotsOnly
    until = _until(conversation, member, sharing.until_message)
    is_live = sharing.kind == ShareKind.LIVE
    leaf = newest_leaf(until) if is_live else until
    branch = share_content.branch_up_from(conversation, leaf.pk)
    turns = share_content.turns_of(branch, show_names=sharing.show_names, running=is_live)
    if sharing.messages is not None:
        turns = share_content.chosen(turns, sharing.messages)
    return share_content.some(turns), until


def _until(conversation: Conversation, member: Member, message_id: UUID | None) -> Message:
    if message_id is None:
        here = current_leaf(conversation, member)
        if here is None:
            raise NothingToShare
        return here
    found = conversation.messages.filter(pk=message_id).first()
    if found is None:
        raise UnknownChoice("until_message")
    return found


def _readers(sharing: Sharing) -> list[User]:
    if sharing.audience != Audience.PEOPLE:
        return []
    wanted = set(sharing.people)
    found = list(User.objects.filter(pk__in=wanted, is_active=True))
    if not found or len(found) < len(wanted):
        raise UnknownReaders
    return found


def _refuse_too_many(by: User) -> None:
    """Under the lock of the person's row: two windows cannot both make the last one."""
    User.objects.select_for_update().get(pk=by.pk)
    if ShareLink.objects.made_by(by).open().count() >= MOST_LINKS:
        raise TooManyLinks(MOST_LINKS)


def revoke_share(share_id: UUID, *, by: User, as_staff: bool = False) -> None:
    """For its maker, the conversation's owner, and staff. From here on it opens for nobody; twice changes nothing."""
    with transaction.atomic():
        link = ShareLink.objects.filter(pk=share_id).select_related("conversation").first()
        if link is None or not (as_staff or _may_revoke(link, by)):
            raise ShareNotFound
        _revoke([link], by)


def revoke_all(*, by: User) -> None:
    """Every link that the person has made."""
    with transaction.atomic():
        open_ones = ShareLink.objects.made_by(by).filter(revoked_at=None)
        _revoke(list(open_ones.select_related("conversation")), by)


def forget(message: Message) -> None:
    """Take what was deleted out of the snapshots too; its place in them stays, and nothing is shown there. The caller
    holds the conversation's lock."""
    holding = ShareLink.objects.filter(
        conversation=message.conversation_id, content__contains=[{"message": str(message.pk)}]
    )
    for link in holding.select_for_update():
        for kept in link.content:
            if kept["message"] == str(message.pk):
                kept["content"] = ""
        link.save(update_fields=["content"])


def _may_revoke(link: ShareLink, by: User) -> bool:
    owns = Member.objects.filter(conversation=link.conversation, user=by, role="owner")
    return by.is_staff or link.maker_id == by.pk or owns.exists()


def _revoke(links: list[ShareLink], by: User) -> None:
    told: dict[UUID, Conversation] = {}
    for link in links:
        closing = ShareLink.objects.filter(pk=link.pk, revoked_at=None)
        if closing.update(revoked_at=timezone.now(), revoked_by=by):
            trail.note("share.revoked", by=by, person=link.maker_id, **_about(link))
            told[link.conversation_id] = link.conversation
    for conversation in told.values():
        _tell(conversation)


def _about(link: ShareLink) -> dict[str, UUID]:
    return {"conversation": link.conversation_id, "subject": link.pk}


def _terms(link: ShareLink) -> dict[str, Any]:
    """What was agreed, for the audit trail."""
    return {
        "audience": link.audience,
        "kind": link.kind,
        "expires_at": link.expires_at.isoformat() if link.expires_at else None,
        "has_password": bool(link.password),
        "show_names": link.show_names,
        "max_views": link.max_views,
        "people": [str(pk) for pk in link.people.values_list("pk", flat=True)],
    }


def _tell(conversation: Conversation) -> None:
    """The conversation may wear a badge now, or none any more."""
    for user_id, shape in conversation_shapes(conversation).items():
        events.publish(events.conversation_updated(shape), to=[user_id])
