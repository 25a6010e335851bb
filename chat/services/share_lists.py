"""Share links as those see them who may turn them off."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from chat.errors import ReadOnly
from chat.models import Conversation, Member, ShareLink
from chat.models.share import ShareLinkQuerySet
from chat.services import share_policy, share_tokens
from chat.services.access import conversation_for
from chat.shapes import Shape, author_shape

MOST_THAT_ARE_OVER = 50  # of one conversation, beside all that are not


def of_conversation(user: User, conversation_id: UUID) -> list[Shape]:
    """The caller's own, for the owner all: those that are not over, and the newest of those that are; newest first."""
    conversation = conversation_for(user, conversation_id)
    member = conversation.members.get(user=user)
    if not member.can_write():
        raise ReadOnly
    links = ShareLink.objects.filter(conversation=conversation)
    return described(_recent(links if member.is_owner() else links.made_by(user)), user)


def _recent(links: ShareLinkQuerySet) -> ShareLinkQuerySet:
    not_over = links.open().values("pk")
    over = links.exclude(pk__in=not_over).order_by("-created_at", "-pk").values("pk")
    return links.filter(Q(pk__in=not_over) | Q(pk__in=over[:MOST_THAT_ARE_OVER]))


def one(link: ShareLink, user: User) -> Shape:
    [shape] = described(ShareLink.objects.filter(pk=link.pk), user)
    return shape


def page(
    links: ShareLinkQuerySet, user: User, *, before: tuple[datetime, UUID] | None, limit: int
) -> tuple[list[Shape], tuple[datetime, UUID] | None]:
    """Newest first, and the place after which the next page begins."""
    if before:
        at, pk = before
        links = links.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))
    found = described(links, user, limit + 1)
    shown, more = found[:limit], len(found) > limit
    return shown, (shown[-1]["created_at"], shown[-1]["id"]) if more else None


def made_by(user: User) -> ShareLinkQuerySet:
    return ShareLink.objects.made_by(user)


def everybodys() -> ShareLinkQuerySet:
    """For staff."""
    return ShareLink.objects.all()


def described(links: ShareLinkQuerySet, user: User, limit: int | None = None) -> list[Shape]:
    """The title as it is now is for members; its maker keeps the one that the link was made under; others get none."""
    sees = Member.objects.filter(conversation=OuterRef("conversation"), user=user)
    rows = (
        links.with_standing()
        .annotate(sees=Exists(sees))
        .defer("content")
        .select_related("conversation", "maker")
        .prefetch_related("people")
        .order_by("-created_at", "-pk")
    )
    return [_shape(row, user) for row in rows[:limit]]


def _shape(link: ShareLink, user: User) -> Shape:
    is_mine = link.maker_id == user.pk
    token = share_tokens.unsealed(link.token_sealed, link_id=link.pk) if is_mine else None
    return {
        "id": link.pk,
        "url": share_tokens.url_of(token) if token else None,
        "conversation": {"id": link.conversation_id, "title": _title(link, is_mine)},
        "maker": author_shape(link.maker),
        "audience": link.audience,
        "people": [author_shape(person) for person in link.people.all()],
        "kind": link.kind,
        "show_names": link.show_names,
        "has_password": bool(link.password),
        "max_views": link.max_views,
        "views": link.views,
        "last_viewed_at": link.last_viewed_at,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "ends_at": share_policy.ends_at(link),
        "state": share_policy.state_of(link),
    }


def _title(link: ShareLink, is_mine: bool) -> str:
    conversation: Conversation = link.conversation
    if getattr(link, "sees"):  # noqa: B009  what the query has added
        return conversation.title
    return link.title if is_mine else ""
