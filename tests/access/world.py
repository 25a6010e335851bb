"""The people and the ids of the access matrix: who knocks, and at what."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import BudgetChange, BudgetRequest, Hold, User
from chat.models import Conversation, Member, Message, ShareLink
from chat.models.states import State
from chat.services import inviting, share_tokens, shares
from chat.services.shares import Sharing
from tests.accounts.money import limit, spend
from tests.factories import make_conversation, make_message, make_user

ROLES = ("anonymous", "stranger", "reader", "writer", "owner", "staff", "suspended", "removed")
KINDS = ("own", "other's", "deleted", "random", "of something else", "malformed")
MALFORMED = "not-an-id"


@dataclass
class World:
    """`ids[name][kind]` is what goes into an address in the place of `name`."""

    people: dict[str, User]
    clients: dict[str, Client]
    conversation: Conversation
    ids: dict[str, dict[str, Any]] = field(default_factory=dict)


def make_world() -> World:
    people = {role: make_user(role.title(), is_staff=role == "staff") for role in ROLES[1:]}
    clients = {"anonymous": Client()} | {role: _signed_in(user) for role, user in people.items()}
    User.objects.filter(pk=people["suspended"].pk).update(is_active=False)
    conversation = make_conversation(people["owner"], title="Ours")
    for role in ("reader", "writer"):
        Member.objects.create(conversation=conversation, user=people[role], role=role)
    world = World(people, clients, conversation)
    _name_what_there_is(world)
    return world


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _name_what_there_is(world: World) -> None:
    elsewhere = make_conversation(make_user("Elsewhere"), title="Theirs")
    ours, theirs = _turns(world.conversation, world.people["writer"]), _turns(elsewhere, None)
    gone = make_conversation(make_user("Gone"))
    gone_question, gone_answer = _turns(gone, None)
    deleted = gone.pk
    gone.delete()
    world.ids["conversation_id"] = _kinds(world.conversation.pk, elsewhere.pk, deleted)
    world.ids["question_id"] = _kinds(ours[0].pk, theirs[0].pk, gone_question.pk)
    world.ids["answer_id"] = _kinds(ours[1].pk, theirs[1].pk, gone_answer.pk)
    _name_people(world, elsewhere)
    _name_money(world)
    for name, kinds in world.ids.items():
        other = "conversation_id" if name in ("user_id", "request_id", "hold_id") else "user_id"
        kinds["of something else"] = world.ids[other]["own"]
    world.ids["change_id"] |= {"random": 10**11, "of something else": 10**10}


def _turns(conversation: Conversation, author: User | None) -> tuple[Message, Message]:
    """A question, and its answer that is over."""
    asker = author or conversation.members.get().user
    question = make_message(conversation, asker, content="Why?")
    answer = make_message(conversation, parent=question, content="So.", status=State.COMPLETED)
    return question, answer


def _name_people(world: World, elsewhere: Conversation) -> None:
    outsider = elsewhere.members.get().user.pk
    world.ids["user_id"] = _kinds(world.people["reader"].pk, outsider, uuid4())
    world.ids["invitation_id"] = _kinds(
        _invitation(world.conversation), _invitation(elsewhere), uuid4()
    )
    _name_links(world, elsewhere)


def _invitation(conversation: Conversation) -> Any:
    owner = conversation.members.get(role="owner").user
    added = inviting.add(
        conversation.pk, by=owner, role="reader", user_id=None, address="someone@example.org"
    )
    assert added.place
    return added.place.invitation_id


def _name_links(world: World, elsewhere: Conversation) -> None:
    """A person's link is theirs to turn off; by a token everybody may come whom it is for."""
    writer, owner = world.people["writer"], elsewhere.members.get().user
    ours, closed = _link(world.conversation, writer), _link(elsewhere, owner)
    theirs, revoked = _link(elsewhere, owner, "people"), _link(elsewhere, owner)
    shares.revoke_share(revoked.pk, by=owner)
    world.ids["share_id"] = _kinds(ours.pk, closed.pk, uuid4())
    tokens = [
        share_tokens.unsealed(each.token_sealed, link_id=each.pk)
        for each in (ours, theirs, revoked)
    ]
    world.ids["token"] = _kinds(*tokens) | {"random": share_tokens.new_token()}


def _link(conversation: Conversation, by: User, audience: str = "public") -> ShareLink:
    people = [by.pk] if audience == "people" else []
    sharing = Sharing(audience=audience, kind="live", expires_at=None, people=people)
    return shares.create_share(conversation.pk, by=by, sharing=sharing)


def _name_money(world: World) -> None:
    """What only staff may touch is there for them, whosever it is."""

    def asked(by: User) -> Any:
        return BudgetRequest.objects.create(user=by, tokens=1_000, message="More").pk

    mine, theirs = asked(world.people["writer"]), asked(make_user("Poor"))
    world.ids["request_id"] = _kinds(mine, theirs, uuid4())
    world.ids["change_id"] = _kinds(_change(world), _change(world), 10**12)
    world.ids["hold_id"] = _kinds(_held(world), _held(world), uuid4())


def _change(world: World) -> Any:
    limit(world.people["reader"], world.people["staff"], tokens=BudgetChange.objects.count())
    return BudgetChange.objects.latest("pk").pk


def _held(world: World) -> Any:
    spend(world.people["writer"], source="bound")
    return Hold.objects.latest("created_at").pk


def _kinds(own: Any, others: Any, deleted: Any) -> dict[str, Any]:
    """What is of something else is named last, when there is something else."""
    five = {"own": own, "other's": others, "deleted": deleted, "random": uuid4()}
    return five | {"malformed": MALFORMED}


def in_a_week() -> str:
    return (timezone.now() + timedelta(days=7)).isoformat()
