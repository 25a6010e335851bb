"""Links by which others read a conversation, and only as much of it as was meant."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from accounts.models import User
from chat.models.conversation import Conversation
from chat.models.member import Member, Role


class Audience(models.TextChoices):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    PEOPLE = "people"


class ShareKind(models.TextChoices):
    SNAPSHOT = "snapshot"
    LIVE = "live"


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def made_by(self, user: User) -> Self:
        return self.filter(maker=user)

    def with_standing(self) -> Self:
        """Adds `maker_writes`: whether its maker may still share the conversation. Taken out of it, made a reader or
        suspended, their links are closed."""
        writes = Member.objects.filter(
            conversation=OuterRef("conversation"),
            user=OuterRef("maker"),
            role__in=(Role.OWNER, Role.WRITER),
            user__is_active=True,
        )
        return self.annotate(maker_writes=Exists(writes))

    def open(self) -> Self:
        """Those that may open for somebody; what the workspace allows, and for whom, is asked when somebody comes
        (chat/services/visits.py)."""
        lives = Q(expires_at=None) | Q(expires_at__gt=Now())
        has_views = Q(max_views=None) | Q(views__lt=F("max_views"))
        return self.with_standing().filter(lives, has_views, revoked_at=None, maker_writes=True)


class ShareLink(models.Model):
    """The token is looked up by its hash; sealed, it can be read with SECRET_KEY only, so that its maker can copy it.

    A snapshot keeps its own copy of what is shown (`title`, and `content` by `chat/services/shares`), a live link the
    message from which on the branch is followed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="links")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links"
    )
    token_hash = models.BinaryField(unique=True)
    token_sealed = models.BinaryField()
    audience = models.CharField(max_length=9, choices=Audience.choices)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    kind = models.CharField(max_length=8, choices=ShareKind.choices)
    until_message = models.ForeignKey(
        "chat.Message", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=200, blank=True)
    content = models.JSONField(default=list)
    show_names = models.BooleanField(default=False)
    password = models.CharField(max_length=200, blank=True)
    max_views = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["maker", "-created_at"], name="links_of_a_person"),
            models.Index(
                fields=["conversation"], condition=Q(revoked_at=None), name="links_that_may_live"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ShareView(models.Model):
    """One visitor of one day, known by a salted hash only."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="visitors")
    day = models.DateField()
    visitor = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "day", "visitor"], name="one_view_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {self.day}"


class ShareCopy(models.Model):
    """What a person has made their own of a link: asking again opens it."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="copies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "user"], name="one_copy_a_person")]

    def __str__(self) -> str:
        return f"{self.link_id} for {self.user_id}"
