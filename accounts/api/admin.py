"""The admin view of spending over HTTP: what is spent, by whom. For staff; everybody else finds nothing here."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field

from accounts.api import admin_budgets, admin_prices
from accounts.api import admin_schemas as shapes
from accounts.api.admin_people import find_person
from accounts.models import Group, Price
from accounts.services import (
    csv_export,
    reports_people,
    reports_person,
    reports_workspace,
)
from accounts.services.reports import STATES, span_of
from accounts.services.reports_people import MOST_A_PAGE, Filter
from webchat.errors import InvalidInput
from webchat.http import SignedInRequest

router = Router(tags=["spending"])
router.add_router("", admin_budgets.router)
router.add_router("", admin_prices.router)
Shape = dict[str, Any]
DRIFT_FOR = 60  # seconds


def _known(*words: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and value not in words:
            raise ValueError(f"One of {', '.join(words)}.")
        return value

    return AfterValidator(check)


Period = Annotated[str, Field(max_length=30)]


class SpendFilter(Schema):
    q: Annotated[str, Field(max_length=100)] = ""
    group: UUID | None = None
    status: Annotated[str, _known(*STATES)] = ""
    model: Annotated[str, Field(max_length=100)] = ""
    period: Period = "this"
    sort: Annotated[str, _known(*reports_people.SORTS)] = "-percent"
    before: Annotated[str, Field(max_length=300)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_A_PAGE)] = 50

    def chosen(self) -> Filter:
        return Filter(
            words=self.q.replace("\0", "").strip(),
            group=self.group,
            state=self.status,
            model=self.model.replace("\0", ""),
            sort=self.sort or "-percent",
            before=self.before,
            limit=self.limit,
        )


@router.get("/spend", response=shapes.SpendOut)
def get_spend(request: SignedInRequest, chosen: Query[SpendFilter]) -> Shape:
    """The cards and a page of people."""
    span = span_of(chosen.period)
    items, following = reports_people.people(span, chosen.chosen())
    return {
        "summary": reports_workspace.summary(span),
        "items": items,
        "next": following,
        "groups": list(Group.objects.order_by("name").values("id", "name")),
        "models": sorted(set(Price.objects.values_list("model", flat=True))),
        "zone": settings.TIME_ZONE,
    }


@router.get("/spend/days", response=shapes.DaysOut)
def get_days(request: SignedInRequest, period: Period = "this", group: UUID | None = None) -> Shape:
    """By day and model, and as many days before."""
    return reports_workspace.days(span_of(period), str(group) if group else None)


@router.get("/spend/drift", response=shapes.DriftOut)
def get_drift(request: SignedInRequest) -> Shape:
    """Whether the counters of now agree with holds and days; the audit compares the whole ledger."""
    found: Shape = cache.get_or_set("spend.drift", _drift, DRIFT_FOR) or _drift()
    return found


def _drift() -> Shape:
    at: datetime = timezone.now()
    return {"at": at, "drifts": reports_workspace.drifts()}


@router.get("/spend.csv")
def get_csv(
    request: SignedInRequest,
    kind: Literal["people", "days", "ledger"] = "people",
    period: Period = "this",
) -> StreamingHttpResponse:
    """Each person with their budget, their days by model, or the ledger as it is."""
    span = span_of(period)
    if kind == "people" and span.is_range:
        raise InvalidInput(
            "Between two days nobody has a budget: choose this or last, or kind=days."
        )
    response = StreamingHttpResponse(
        csv_export.export(kind, span), content_type="text/csv; charset=utf-8"
    )
    name = f"webchat-{kind}-{reports_workspace.today():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@router.get("/users/{uuid:user_id}/spend", response=shapes.DossierOut)
def get_person(request: SignedInRequest, user_id: UUID) -> Shape:
    """Windows, days, open holds and changes of one person."""
    return reports_person.person(find_person(user_id))


@router.get("/users/{uuid:user_id}/ledger", response=shapes.LedgerOut)
def get_ledger(request: SignedInRequest, user_id: UUID, before: int | None = None) -> Shape:
    """The last calls and grants, the newest first."""
    return reports_person.ledger(find_person(user_id), before=before)
