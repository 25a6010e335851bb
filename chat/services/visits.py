"""Who comes by a share link: whether it opens, the password, and how often it was opened.

Whatever does not open is answered alike, after the same work: one query by the hash, and a look at the session.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password
from django.core import signing
from django.db import transaction
from django.db.models import Exists, F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.services import trail
from chat.errors import ShareNotFound, TooManyGuesses, TooManyMisses, WrongPassword
from chat.models import ShareLink, ShareView
from chat.models.share import Audience
from chat.services import share_policy, share_tokens
from webchat import throttle
from webchat.addresses import counted_as

MINUTE, GUESSING, HOUR = 60, 300, 3600
MOST_MISSES = 60  # a minute, of one address
MOST_GUESSES = 10  # in five minutes, of one address for one link
MOST_GUESSES_AN_HOUR = 100  # for one link
UNLOCKED_FOR = 24 * 3600
PASSWORD_LENGTH = 128


@dataclass(frozen=True)
class Visitor:
    """`person` is asked only where it matters who is signed in: a public link never looks at the session."""

    address: str
    agent: str
    person: Callable[[], User | None]


def find(token: str, visitor: Visitor) -> ShareLink:
    """The link, if it opens for this visitor now; its password is another question. Raises TooManyMisses for every
    token after too many that opened nothing, else ShareNotFound."""
    name = f"misses:{counted_as(visitor.address)}"
    missed = throttle.counted(name, MINUTE)
    if missed.so_far >= MOST_MISSES:
        raise TooManyMisses(retry_after=missed.ends_in)
    link = _known(token, visitor)
    if link is None or not _opens(link, visitor):
        visitor.person()
        throttle.count(name, MINUTE)
        raise ShareNotFound
    return link


def _known(token: str, visitor: Visitor) -> ShareLink | None:
    """With `came_today`: whether this visitor is counted already."""
    token_hash = share_tokens.hash_of(token)
    today = ShareView.objects.filter(
        link__token_hash=token_hash, day=timezone.localdate(), visitor=_name(token_hash, visitor)
    )
    links = share_policy.with_standing(ShareLink.objects.filter(token_hash=token_hash))
    return links.annotate(came_today=Exists(today)).select_related("conversation").first()


def _opens(link: ShareLink, visitor: Visitor) -> bool:
    state = share_policy.state_of(link)
    came_back = state == "used_up" and getattr(link, "came_today")  # noqa: B009  what the query has added
    return (state == "open" or came_back) and _is_for(link, visitor)


def _is_for(link: ShareLink, visitor: Visitor) -> bool:
    if link.audience == Audience.PUBLIC:
        return True
    person = visitor.person()
    if person is None or link.audience == Audience.SIGNED_IN:
        return person is not None
    return person.pk == link.maker_id or link.people.filter(pk=person.pk).exists()


# The password ------------------------------------------------------------------------------------------


def is_unlocked(link: ShareLink, pass_: str) -> bool:
    """`pass_`: what `unlock` gave. It is bound to the link and its password, and good for a day."""
    if not link.password:
        return True
    try:
        said = _signer().unsign(pass_, max_age=UNLOCKED_FOR)
    except signing.BadSignature:
        return False
    return constant_time_compare(said, _lock_of(link))


def unlock(link: ShareLink, password: str, visitor: Visitor) -> str:
    """A pass for `is_unlocked`. An attempt is counted before it is looked at, so that many at once are no way around
    the limit; a right one is taken back. Raises WrongPassword, TooManyGuesses."""
    spans = [
        (f"guesses:{link.pk}:{counted_as(visitor.address)}", GUESSING, MOST_GUESSES),
        (f"guesses:{link.pk}", HOUR, MOST_GUESSES_AN_HOUR),
    ]
    for name, seconds, most in spans:
        _count_guess(link, name, seconds, most)
    if not check_password(password[: PASSWORD_LENGTH + 1], link.password):
        raise WrongPassword
    for name, seconds, _ in spans:
        throttle.uncount(name, seconds)
    return _signer().sign(_lock_of(link))


def _count_guess(link: ShareLink, name: str, seconds: int, most: int) -> None:
    guesses = throttle.count(name, seconds)
    if guesses.so_far == most + 1:
        about = {"conversation": link.conversation_id, "subject": link.pk}
        trail.note("share.guessed", by=None, person=link.maker_id, **about, seconds=seconds)
    if guesses.so_far > most:
        raise TooManyGuesses(retry_after=guesses.ends_in)


def _lock_of(link: ShareLink) -> str:
    return salted_hmac(
        "chat.share.lock", f"{link.pk}:{link.password}", algorithm="sha256"
    ).hexdigest()


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="chat.share.pass")


# Views ---------------------------------------------------------------------------------------------------


@transaction.atomic
def count_view(token: str, link: ShareLink, visitor: Visitor) -> None:
    """Once a day and visitor, whom nobody can name afterwards; what was kept of other days is deleted. Raises
    ShareNotFound if others have used up the last view meanwhile."""
    locked = ShareLink.objects.select_for_update().get(pk=link.pk)
    today, name = timezone.localdate(), _name(share_tokens.hash_of(token), visitor)
    if ShareView.objects.filter(link=locked, day=today, visitor=name).exists():
        return
    if share_policy.is_used_up(locked):
        raise ShareNotFound
    ShareView.objects.filter(link=locked, day__lt=today).delete()
    ShareView.objects.create(link=locked, day=today, visitor=name)
    seen = ShareLink.objects.filter(pk=locked.pk)
    seen.update(views=F("views") + 1, last_viewed_at=timezone.now())


def _name(token_hash: bytes, visitor: Visitor) -> bytes:
    """Another one for each link and day: nobody can follow a visitor by it, or try addresses without the key."""
    salt = f"chat.share.visitor:{timezone.localdate()}:{token_hash.hex()}"
    told = f"{visitor.address}\n{visitor.agent}"
    return salted_hmac(salt, told, algorithm="sha256").digest()
