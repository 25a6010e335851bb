"""What the workspace allows of share links, for a new one and, at this moment, for those that there are."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.services import workspace
from chat.errors import EndsTooEarly, EndsTooLate, LinkPasswordRequired, PublicLinksForbidden
from chat.models import ShareLink
from chat.models.share import Audience
from chat.shapes import Shape

USUAL_DAYS = 7
FURTHEST = timedelta(days=3653)


def shape() -> Shape:
    now = workspace.now()
    return {
        "public_links": now.public_links,
        "longest_link_days": now.longest_link_days,
        "password_required": now.link_password_required,
    }


def usual_end() -> datetime:
    """Of a link whose maker says nothing about it."""
    longest = workspace.now().longest_link_days
    return timezone.now() + timedelta(days=min(USUAL_DAYS, longest or USUAL_DAYS))


def check(*, audience: str, expires_at: datetime | None, has_password: bool) -> None:
    """Raises what forbids a new link."""
    now = workspace.now()
    if audience == Audience.PUBLIC and not now.public_links:
        raise PublicLinksForbidden
    if now.link_password_required and not has_password:
        raise LinkPasswordRequired
    _check_end(expires_at, now.longest_link_days)


def _check_end(expires_at: datetime | None, longest: int | None) -> None:
    now = timezone.now()
    if expires_at is not None and not now < expires_at < now + FURTHEST:
        raise EndsTooEarly
    if longest is not None and (
        expires_at is None or expires_at > now + timedelta(days=longest, seconds=1)
    ):
        raise EndsTooLate(longest)


def ends_at(link: ShareLink) -> datetime | None:
    """Its own end, or that of the longest life that is allowed, whichever comes first."""
    longest = workspace.now().longest_link_days
    ends = [] if longest is None else [link.created_at + timedelta(days=longest)]
    return min([*ends, link.expires_at] if link.expires_at else ends, default=None)


def state_of(link: ShareLink) -> str:
    """Of a link `with_standing`: open, revoked, expired, used_up, or forbidden as things are now."""
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at is not None and link.expires_at <= timezone.now():
        return "expired"
    if not _is_allowed(link):
        return "forbidden"
    return "used_up" if is_used_up(link) else "open"


def is_used_up(link: ShareLink) -> bool:
    return link.max_views is not None and link.views >= link.max_views


def _is_allowed(link: ShareLink) -> bool:
    now, end = workspace.now(), ends_at(link)
    return bool(
        getattr(link, "maker_writes")  # noqa: B009  what the query has added
        and (now.public_links or link.audience != Audience.PUBLIC)
        and (link.password or not now.link_password_required)
        and (end is None or end > timezone.now())
    )
