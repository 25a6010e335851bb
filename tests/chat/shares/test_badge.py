"""The badge of a conversation that a link leads to."""

import pytest
from django.utils import timezone

from chat.models import Conversation, Member, ShareLink
from tests.shares import share


def close_by_demotion(**_):
    Member.objects.update(role="reader")


def close_by_removal(ben, **_):
    Member.objects.filter(user=ben).delete()


def close_by_suspension(ben, **_):
    type(ben).objects.filter(pk=ben.pk).update(is_active=False)


def close_by_views(**_):
    ShareLink.objects.update(max_views=2, views=2)


def close_by_time(**_):
    ShareLink.objects.update(expires_at=timezone.now())


CLOSED = [value for name, value in globals().items() if name.startswith("close_")]


@pytest.mark.parametrize("close", CLOSED, ids=lambda close: close.__name__)
def test_there_is_no_badge_where_no_link_opens(conversation, ada, ben, branch, close):
    Member.objects.create(conversation=conversation, user=ben, role="writer")
    share(conversation, ben, until_message=branch[3].pk, max_views=3)
    assert _badges(conversation, ada) == [True, True]
    close(ben=ben)
    assert _badges(conversation, ada) == [False, False]


def _badges(conversation, person):
    listed = Conversation.objects.for_list(person).get(pk=conversation.pk)
    return [conversation.has_link(), listed.has_link]
