"""People who are given a budget together."""

import uuid

from django.db import models


class Group(models.Model):
    """A person is in one group at most. Its name is shown to its members."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name
