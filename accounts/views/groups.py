"""The staff page of one group: its name, who is in it, what it may spend."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import person_of, staff_required
from accounts.models import Group, User
from accounts.models.budget import Scope
from accounts.services import groups
from accounts.workspace_forms import GroupForm, LimitForm
from webchat.errors import ChatError

SHOWN = 100
FOUND = 20
EACH, SHARED = "each", "shared"
RULES = {EACH: Scope.PERSON, SHARED: Scope.GROUP}
WITHOUT = {EACH: "As for everyone", SHARED: "No shared limit"}
Forms = dict[str, GroupForm | LimitForm]


@require_safe
@staff_required
def page(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    return _shown(request, get_object_or_404(Group, pk=group_id), {})


@require_POST
@staff_required
def act(request: HttpRequest, group_id: uuid.UUID, action: str) -> HttpResponse:
    """One of ACTIONS; a form that cannot be used is shown again."""
    if action not in ACTIONS:
        raise Http404
    try:
        return ACTIONS[action](request, get_object_or_404(Group, pk=group_id))
    except ChatError as refusal:
        messages.error(request, refusal.detail)
        return redirect("group", group_id)


def _shown(request: HttpRequest, group: Group, given: Forms) -> HttpResponse:
    """`given`: forms that are shown as they were filled in."""
    forms = {"name": GroupForm(initial={"name": group.name}, prefix="name")} | _limits(group)
    people = _people(request, group)
    return render(request, "accounts/group.html", {"group": group, **people, **forms, **given})


def _limits(group: Group) -> Forms:
    rules = groups.limits_of(group)
    return {
        which: LimitForm.of(rules.get(scope), none=WITHOUT[which], prefix=which)
        for which, scope in RULES.items()
    }


def _people(request: HttpRequest, group: Group) -> dict[str, object]:
    words = request.GET.get("q", "").replace("\0", "").strip()
    members = groups.members_of(group).in_order_of_name()
    others = User.objects.existing().exclude(group=group).in_order_of_name()
    found = others.found_by(words).select_related("group")[:FOUND] if words else []
    shown = (members.found_by(words) if words else members)[:SHOWN]
    return {"words": words, "count": members.count(), "members": shown, "others": found}


def _rename(request: HttpRequest, group: Group) -> HttpResponse:
    form = GroupForm(request.POST, prefix="name")
    if not form.is_valid():
        return _shown(request, group, {"name": form})
    groups.rename(group, name=form.cleaned_data["name"], by=person_of(request))
    messages.success(request, "Renamed.")
    return redirect("group", group.pk)


def _delete(request: HttpRequest, group: Group) -> HttpResponse:
    groups.delete(group, by=person_of(request))
    messages.success(request, f"The group {group} is deleted.")
    return redirect("workspace")


def _put_in(request: HttpRequest, group: Group) -> HttpResponse:
    person = _person(request)
    groups.put_in(group, person, by=person_of(request))
    messages.success(request, f"{person} is in the group now.")
    return redirect("group", group.pk)


def _put_out(request: HttpRequest, group: Group) -> HttpResponse:
    person = _person(request)
    groups.put_out(group, person, by=person_of(request))
    messages.success(request, f"{person} is no longer in the group.")
    return redirect("group", group.pk)


def _person(request: HttpRequest) -> User:
    try:
        pk = uuid.UUID(request.POST.get("person", ""))
    except ValueError:
        raise Http404 from None
    person: User = get_object_or_404(User.objects.existing(), pk=pk)
    return person


def _limit(which: str) -> Callable[[HttpRequest, Group], HttpResponse]:
    def change(request: HttpRequest, group: Group) -> HttpResponse:
        form = LimitForm(request.POST, none=WITHOUT[which], prefix=which)
        if not form.is_valid():
            return _shown(request, group, {which: form})
        given = {"together": which == SHARED, "reason": form.cleaned_data["reason"]}
        groups.limit(group, form.limit(), by=person_of(request), **given)
        messages.success(request, "Saved. It holds at once, also for what was spent already.")
        return redirect("group", group.pk)

    return change


ACTIONS: dict[str, Callable[[HttpRequest, Group], HttpResponse]] = {
    "rename": _rename,
    "delete": _delete,
    "put-in": _put_in,
    "put-out": _put_out,
    EACH: _limit(EACH),
    SHARED: _limit(SHARED),
}
