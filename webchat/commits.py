"""What follows a commit."""

from collections.abc import Callable
from typing import ParamSpec

from django.db import transaction

P = ParamSpec("P")


def after_commit(act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do it once what was written is sure; outside a transaction at once. What fails there is logged and no more: the
    rows are stored. (Django asks for the name of what failed. A partial has none, and would fail all the same.)"""

    def run() -> None:
        act(*args, **kwargs)

    transaction.on_commit(run, robust=True)
