"""The product's settings on the tests' own PostgreSQL, which is up before they are read."""

from tests import services

services.begin()

from webchat.settings import *  # noqa: E402, F403
from webchat.settings import DATABASES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": services.MINE}
