"""What staff decide for everyone. One row, or none as long as nobody has decided anything."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.person import refuse_invisible

NAME_LENGTH = 40
PROMPT_LENGTH = 20_000


class Workspace(models.Model):
    """No `allowed_models`: all that there are, also those to come. No `default_model`: the product's own.
    `longest_link_days`: None lets a share link live for ever. These three hold for the links that are there, too."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(
        max_length=NAME_LENGTH, default="Webchat", validators=[refuse_invisible]
    )
    allowed_models = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    default_model = models.CharField(max_length=100, blank=True)
    system_prompt = models.TextField(max_length=PROMPT_LENGTH, blank=True)
    public_links = models.BooleanField(default=True)
    longest_link_days = models.PositiveIntegerField(null=True, blank=True)
    link_password_required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_workspace"),
            models.CheckConstraint(condition=~models.Q(name=""), name="the_workspace_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
