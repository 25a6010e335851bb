"""Groups of people, made by staff: what a group may spend together, and what each of its members may."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Budget, Group, User, UserQuerySet
from accounts.models.budget import Scope
from accounts.services import budgets, changes
from accounts.services.budgets import Limit
from webchat.errors import Conflict


class GroupNameTaken(Conflict):
    def __init__(self, name: str) -> None:
        super().__init__(f"There is a group “{name}” already. Choose another name.")


@transaction.atomic
def create(*, name: str, by: User) -> Group:
    group = Group(name=name)
    _save(group)
    _note(group, by=by, before=None, after={"name": name})
    return group


@transaction.atomic
def rename(group: Group, *, name: str, by: User) -> None:
    row = _locked(group.pk)
    before, row.name = row.name, name
    if before == name:
        return
    _save(row)
    _note(row, by=by, before={"name": before}, after={"name": name})


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise GroupNameTaken(group.name) from None


@transaction.atomic
def delete(group: Group, *, by: User) -> None:
    """Its limits go with it. The members stay, under what holds for everyone."""
    row = _locked(group.pk)
    before = {"name": row.name, "members": members_of(row).count(), "limits": limits_of(row)}
    row.delete()
    _note(group, by=by, before=before, after=None)
    changes.carry_limits()
    changes.announce(None)


@transaction.atomic
def put_in(group: Group, user: User, *, by: User) -> None:
    """From no group or from another one: a person is in one at most."""
    _move(user, _locked(group.pk), by=by)


@transaction.atomic
def put_out(group: Group, user: User, *, by: User) -> None:
    """Nothing happens to who is not in it any more."""
    _locked(group.pk)
    if User.objects.filter(pk=user.pk, group=group).exists():
        _move(user, None, by=by)


def _move(user: User, group: Group | None, *, by: User) -> None:
    person: User = User.objects.existing().select_for_update(no_key=True).get(pk=user.pk)
    before = person.group
    if before == group:
        return
    User.objects.filter(pk=user.pk).update(group=group)
    changes.note(
        "group",
        by=by,
        scope=Scope.PERSON,
        subject=user.pk,
        before={"group": before.name if before else None},
        after={"group": group.name if group else None},
        reason="",
    )
    changes.carry_limits()
    changes.announce(user.pk)


def limit(group: Group, to: Limit | None, *, together: bool, by: User, reason: str = "") -> None:
    """`together`: shared by the group; otherwise for each member. None: no limit of the group's own."""
    with transaction.atomic():
        budgets.limit_group(_locked(group.pk), to, together=together, by=by, reason=reason)
        changes.announce(None)  # whoever is in it


def members_of(group: Group) -> UserQuerySet:
    found: UserQuerySet = User.objects.existing().filter(group=group)
    return found


def limits_of(group: Group) -> dict[str, dict[str, Any]]:
    """The group's own rules: "person" is for each member, "group" for all of them together."""
    return {
        rule.scope: Limit(rule.period, rule.limit_tokens, rule.limit_micro_usd).as_dict()
        for rule in Budget.objects.filter(group=group)
    }


def _locked(pk: UUID) -> Group:
    """Nobody deletes it meanwhile. Raises Group.DoesNotExist."""
    found: Group = Group.objects.select_for_update(no_key=True).get(pk=pk)
    return found


def _note(group: Group, *, by: User, before: Any, after: Any) -> None:
    changes.note(
        "group", by=by, scope=Scope.GROUP, subject=group.pk, before=before, after=after, reason=""
    )
