"""The staff page Workspace: what holds for everyone, and the groups."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import person_of, staff_required
from accounts.models import Group
from accounts.services import groups, workspace, workspace_trail
from accounts.services.groups import GroupNameTaken
from accounts.workspace_forms import GroupForm, WorkspaceForm
from webchat.errors import ChatError


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required
def page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, WorkspaceForm.of(workspace.now()), GroupForm(prefix="group"))
    form = WorkspaceForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, GroupForm(prefix="group"))
    workspace.change(by=person_of(request), **form.cleaned_data)
    messages.success(request, "Saved. It holds for every message from now on.")
    return redirect("workspace")


@require_POST
@staff_required
def create_group(request: HttpRequest) -> HttpResponse:
    form = GroupForm(request.POST, prefix="group")
    if form.is_valid():
        try:
            group = groups.create(name=form.cleaned_data["name"], by=person_of(request))
            return redirect("group", group.pk)
        except GroupNameTaken as refusal:
            form.add_error("name", refusal.detail)
    return _shown(request, WorkspaceForm.of(workspace.now()), form)


@require_POST
@staff_required
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    try:
        workspace_trail.undo(change_id, by=person_of(request))
        messages.success(request, "It is as it was before that change.")
    except ChatError as refusal:
        messages.error(request, refusal.detail)
    return redirect("workspace")


def _shown(request: HttpRequest, form: WorkspaceForm, group_form: GroupForm) -> HttpResponse:
    members = Count("members", filter=Q(members__deleted_at=None))
    rows = Group.objects.annotate(people=members).prefetch_related("budgets").order_by("name")
    about = {"form": form, "group_form": group_form, "groups": rows}
    facts = {"zone": settings.TIME_ZONE, "trail": workspace_trail.trail()}
    return render(request, "accounts/workspace.html", about | facts)
