"""Make share links, look at what they would show, turn them off."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import people, trail
from chat.errors import (
    NothingToShare,
    OwnTitleOfLiveLink,
    PreviewOutdated,
    ReadOnly,
    ShareNotFound,
    SnapshotsOnly,
    TooManyLinks,
    UnknownChoice,
    UnknownReaders,
)
from chat.models import Conversation, Member, Message, ShareLink
from chat.models.branches import current_leaf, end_of_branch
from chat.models.share import Audience, ShareKind
from chat.services import (
    conversations,
    share_content,
    share_names,
    share_passwords,
    share_policy,
    share_tokens,
)
from chat.services.access import conversation_for, writable_conversation
from chat.services.findings import findings_in
from chat.services.share_content import Turn
from chat.shapes import Shape, encode

MOST_LINKS = 100
MOST_READERS = 100
TITLE_OF_CHOSEN = "Shared messages"


@dataclass(frozen=True)
class Sharing:
    """What somebody wants to share. `expires_at` None: it never ends by itself. `messages`: only these of it. `title`:
    another one for the link than it would have. `digest`: of the preview that was agreed to."""

    audience: str
    kind: str
    expires_at: datetime | None
    people: list[UUID] = field(default_factory=list)
    until_message: UUID | None = None
    messages: list[UUID] | None = None
    password: str = ""
    show_names: bool = False
    max_views: int | None = None
    title: str = ""
    digest: str = ""


def preview(conversation_id: UUID, *, by: User, sharing: Sharing) -> Shape:
    """Exactly what would be visible now, with a digest of it, and what in it its maker should look at first. For those
    who may share."""
    conversation = conversation_for(by, conversation_id)
    member = conversation.members.get(user=by)
    if not member.can_write():
        raise ReadOnly
    turns, _ = _content(conversation, member, sharing)
    title = _title(conversation, sharing)
    names = {} if sharing.show_names else share_names.of_people(conversation, turns)
    found = findings_in(title, turns, names)
    return {
        "title": title,
        "messages": [{**turn.shape(), "message": turn.message} for turn in turns],
        "findings": found.items,
        "more": found.more,
        "people": share_content.people_in(turns),
        "digest": _digest(title, turns),
    }


@transaction.atomic
def create_share(conversation_id: UUID, *, by: User, sharing: Sharing) -> ShareLink:
    """A new link, `with_standing`. What it may be is what the workspace allows now."""
    share_policy.check(
        audience=sharing.audience,
        expires_at=sharing.expires_at,
        has_password=bool(sharing.password),
    )
    sharing = replace(sharing, password=share_passwords.hashed(sharing.password))
    conversation, member = writable_conversation(by, conversation_id)
    turns, until = _content(conversation, member, sharing)
    _refuse_unseen(conversation, sharing, turns)
    _refuse_too_many(by)
    readers = _readers(sharing)
    link = _stored(conversation, by, sharing, turns, until)
    link.people.set(readers)
    trail.note("share.created", by=by, **_about(link), **_terms(link))
    conversations.tell(conversation)
    return ShareLink.objects.with_standing().get(pk=link.pk)


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
        title=_title(conversation, sharing),
        content=_frozen(turns, sharing.show_names) if is_snapshot else [],
        show_names=sharing.show_names,
        password=sharing.password,
        max_views=sharing.max_views,
        expires_at=sharing.expires_at,
    )


def _title(conversation: Conversation, sharing: Sharing) -> str:
    """A chat's title may tell of what was not chosen."""
    if sharing.title and sharing.kind == ShareKind.LIVE:
        raise OwnTitleOfLiveLink
    usual = conversation.title if sharing.messages is None else TITLE_OF_CHOSEN
    return sharing.title or usual


def _refuse_unseen(conversation: Conversation, sharing: Sharing, turns: list[Turn]) -> None:
    """A snapshot shows what its maker has looked at, not what was written in the meantime."""
    is_checked = sharing.digest and sharing.kind == ShareKind.SNAPSHOT
    if is_checked and sharing.digest != _digest(_title(conversation, sharing), turns):
        raise PreviewOutdated


def _digest(title: str, turns: list[Turn]) -> str:
    """Of all that a snapshot keeps."""
    kept = encode([title, *(_kept(turn) for turn in turns)])
    return hashlib.sha256(kept.encode()).hexdigest()


def _kept(turn: Turn) -> Shape:
    """As a snapshot stores it: `message` tells whether it was deleted since, `author` who it was."""
    author = str(turn.author) if turn.author else None
    return {**turn.shape(), "message": str(turn.message), "author": author}


def _frozen(turns: list[Turn], show_names: bool) -> list[Shape]:
    """Without anybody's name: it is looked up when it is shown, so that it goes with the person."""
    kept = [_kept(turn) for turn in turns]
    return [{**each, "name": ""} if show_names and each["author"] else each for each in kept]


def _content(
    conversation: Conversation, member: Member, sharing: Sharing
) -> tuple[list[Turn], Message]:
    """What is shown now, and the message up to which (or through which) the branch is shared."""
    if sharing.messages is not None and sharing.kind != ShareKind.SNAPSHOT:
        raise SnapshotsOnly
    until = _until(conversation, member, sharing.until_message)
    is_live = sharing.kind == ShareKind.LIVE
    until = share_content.followed_from(until) if is_live else until
    leaf = end_of_branch(until) if is_live else until
    branch = share_content.branch_up_from(leaf.pk)
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
    """Under a lock of the person's row: two windows cannot both make the last one. It does not wait for who names the
    person in a link, since those two may be naming each other."""
    people.held(by)
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
        conversations.tell(conversation)


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
