"""What the tests of spending share: calls that are paid, limits, and what staff ask over HTTP."""

import json
from uuid import uuid4

from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.spending import Call
from accounts.services.windows import applying

PRO, FLASH, LITE = "gemini-3.1-pro-preview", "gemini-3.5-flash", "gemini-3.1-flash-lite-preview"
JSON = "application/json"
HERE = "/api/v1/admin"


def call(client, method, path, **body):
    return client.generic(method, f"{HERE}/{path}", json.dumps(body), content_type=JSON)


def spend(user, tokens=1_000, model=LITE, source="upstream", prompt=0):
    """One whole call that used up as many tokens."""
    asked = Call(uuid4(), model, prompt_bound=prompt, most_output=tokens, least_output=1)
    spending.reserve(user, asked)
    spending.fence(asked.completion_id, 0)
    return spending.settle(asked.completion_id, 0, Tokens(prompt, tokens - prompt), source)


def limit(user, by, tokens=None, micro_usd=None, period="month"):
    budgets.limit_person(user, Limit(period, tokens, micro_usd), by=by)


def own(user):
    return next(window for window in applying(user.pk) if window.rank == 0)


def listed(client, **query):
    return client.get(f"{HERE}/spend", query).json()


def names(client, **query):
    return [row["name"] for row in listed(client, **query)["items"]]
