"""Who comes by a share link: whether it opens, the password, and how often it was opened.

Whatever does not open is answered alike, after the same work: one query by the hash, and a look at the session.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
from chat.services import conversations, share_passwords, share_policy, share_tokens
from webchat import throttle
from webchat.addresses import counted_as

MINUTE, GUESSING, HOUR, DAY = 60, 300, 3600, 24 * 3600
MOST_MISSES = 60  # a minute, of one address
MOST_GUESSES = 10  # in five minutes, of one address for one link
MOST_GUESSES_AN_HOUR = 100  # for one link
UNLOCKED_FOR = DAY
MOST_NEWCOMERS = 5  # a day, of one address for one link


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
    """With `came_today`: whether this visitor is counted already. Without its content, which only some links have: how
    long this takes tells nothing."""
    token_hash = share_tokens.hash_of(token)
    today = ShareView.objects.filter(
        link__token_hash=token_hash,
        day=timezone.localdate(),
        visitor__in=_names(token_hash, visitor),
    )
    links = ShareLink.objects.filter(token_hash=token_hash).with_standing()
    found = links.annotate(came_today=Exists(today)).select_related("conversation")
    return found.defer("content").first()


def _opens(link: ShareLink, visitor: Visitor) -> bool:
    state = share_policy.state_of(link)
    return (state == "open" or (state == "used_up" and came_today(link))) and _is_for(link, visitor)


def came_today(link: ShareLink) -> bool:
    return bool(getattr(link, "came_today"))  # noqa: B009  what the query has added


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
    if not share_passwords.fits(password, link.password):
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


def count_once(token: str, link: ShareLink, visitor: Visitor) -> None:
    """`count_view` for whoever asks again and again: of who is counted already no lock is asked for."""
    if not came_today(link):
        count_view(token, link, visitor)


@transaction.atomic
def count_view(token: str, link: ShareLink, visitor: Visitor) -> None:
    """Once a day and visitor, whom nobody can name afterwards; what was kept of other days is deleted. Raises
    ShareNotFound if others have used up the last view meanwhile."""
    locked = _locked(link)
    own, rest = _names(share_tokens.hash_of(token), visitor)
    today = ShareView.objects.filter(link=locked, day=timezone.localdate())
    if today.filter(visitor__in=(own, rest)).exists():
        return
    if share_policy.is_used_up(locked):
        raise ShareNotFound
    is_new = _is_newcomer(link, visitor)
    ShareView.objects.filter(link=locked, day__lt=timezone.localdate()).delete()
    today.create(link=locked, day=timezone.localdate(), visitor=own if is_new else rest)
    if is_new:
        _count(locked)


def _locked(link: ShareLink) -> ShareLink:
    rows = ShareLink.objects.select_for_update().only("conversation_id", "max_views", "views")
    locked = rows.filter(pk=link.pk).first()
    if locked is None:
        raise ShareNotFound
    return locked


def _is_newcomer(link: ShareLink, visitor: Visitor) -> bool:
    """After some of one address, the rest of it counts as one of them: a browser can call itself whatever it likes, and
    would use up the views of all others."""
    so_far, _ = throttle.count(f"newcomers:{link.pk}:{counted_as(visitor.address)}", DAY)
    return so_far <= MOST_NEWCOMERS


def _count(link: ShareLink) -> None:
    seen = ShareLink.objects.filter(pk=link.pk)
    seen.update(views=F("views") + 1, last_viewed_at=timezone.now())
    link.views += 1
    if share_policy.is_used_up(link):
        conversations.tell(link.conversation)


def _names(token_hash: bytes, visitor: Visitor) -> tuple[bytes, bytes]:
    """The visitor's own, and that of all the rest of the address. Others for each link and day: nobody can follow a
    visitor by them, or try addresses without the key."""
    salt = f"chat.share.visitor:{timezone.localdate()}:{token_hash.hex()}"
    told = (f"{visitor.address}\n{visitor.agent}", counted_as(visitor.address))
    own, rest = (salted_hmac(salt, each, algorithm="sha256").digest() for each in told)
    return own, rest
