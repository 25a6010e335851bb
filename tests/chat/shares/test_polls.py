"""What it costs that many follow one live link."""

import statistics
import time

import pytest

from chat import catalog
from chat.models import Completion, Conversation, Message, ShareLink
from chat.models.message import Speaker
from chat.models.states import State
from chat.services import share_changes, share_content
from tests.factories import make_message, make_running_answer
from tests.shares import Shared, counting, share, visitor

LONG = 1_000


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(share_changes, "_memory", {})
    monkeypatch.setattr(share_changes, "REMEMBERED_SECONDS", 0.0)


@pytest.fixture
def remembering(monkeypatch):
    monkeypatch.setattr(share_changes, "REMEMBERED_SECONDS", 60.0)


def long_branch(conversation, author, length=LONG):
    rows: list[Message] = []
    for number in range(length):
        position = conversation.next_version()
        asks = number % 2 == 0
        rows.append(
            Message(
                conversation=conversation,
                parent=rows[-1] if rows else None,
                role=Speaker.USER if asks else Speaker.ASSISTANT,
                author=author if asks else None,
                content=f"Turn {number} {'x' * 600}",
                version=position,
                position=position,
            )
        )
    conversation.save()
    Message.objects.bulk_create(rows)
    Completion.objects.bulk_create(
        Completion(message=row, model=catalog.DEFAULT, state=row.status)
        for row in rows
        if row.is_answer()
    )
    return rows


class Follower:
    """Who looks at a live link, and is counted already."""

    def __init__(self, shared: Shared) -> None:
        self.path, self.client = f"{shared.path}/changes", visitor()
        self.client.post(f"{shared.path}/seen")

    def ask(self, since):
        return self.client.get(f"{self.path}?since={since}").json()

    def queries(self, since):
        with counting() as asked:
            self.ask(since)
        return [query["sql"] for query in asked]


@pytest.fixture
def follower(conversation, ada, branch) -> Follower:
    return Follower(share(conversation, ada, kind="live", until_message=branch[3].pk))


def running_below(conversation, ada, parent, text="So far"):
    question = make_message(conversation, ada, parent=parent, content="And now?")
    answer = make_running_answer(conversation, question)
    Message.objects.filter(pk=answer.pk).update(content=text, status=State.STREAMING)
    return answer


def version_of(conversation):
    return Conversation.objects.get(pk=conversation.pk).version


def texts_loaded(queries):
    return [sql for sql in queries if '"chat_message"."content"' in sql]


def test_where_nothing_runs_two_questions_are_asked(conversation, follower):
    assert len(follower.queries(version_of(conversation))) == 2


def test_an_answer_on_another_branch_is_nothing_to_load(conversation, ada, branch, follower):
    running_below(conversation, ada, None)
    version = version_of(conversation)
    asked = follower.queries(version)
    assert texts_loaded(asked) == []
    assert not any(
        "branch.id, role" in sql for sql in asked
    )  # nor is the branch walked to its root
    assert follower.ask(version)["messages"] == []


def test_only_the_text_that_is_told_is_loaded(conversation, ada, branch, follower, monkeypatch):
    running_below(conversation, ada, branch[3])
    loaded, turn = [], share_content._turn
    monkeypatch.setattr(
        share_content, "_turn", lambda number, *more: loaded.append(number) or turn(number, *more)
    )
    [message] = follower.ask(version_of(conversation))["messages"]
    assert (loaded, message["content"]) == ([6], "So far")


def test_what_one_was_told_the_next_is_told(conversation, ada, branch, follower, remembering):
    answer = running_below(conversation, ada, branch[3])
    version = version_of(conversation)
    first = follower.ask(version)
    Message.objects.filter(pk=answer.pk).update(content="So far, so good")
    assert len(follower.queries(version)) == 1
    assert follower.ask(version) == first


def test_for_a_second_and_no_new_version_longer(
    conversation, ada, branch, follower, remembering, monkeypatch
):
    answer = running_below(conversation, ada, branch[3])
    version = version_of(conversation)
    follower.ask(version)
    Message.objects.filter(pk=answer.pk).update(content="So far, so good")
    make_message(conversation, ada, parent=answer, content="Next")
    assert [each["content"] for each in follower.ask(version)["messages"]] == [
        "So far, so good",
        "Next",
    ]
    monkeypatch.setattr(share_changes.time, "monotonic", lambda: float("inf"))
    Message.objects.filter(pk=answer.pk).update(content="Whole")
    assert follower.ask(version)["messages"][0]["content"] == "Whole"


def test_one_link_is_not_told_what_another_is(conversation, ada, branch, remembering):
    links = [
        Follower(share(conversation, ada, kind="live", until_message=branch[3].pk, show_names=yes))
        for yes in (True, False)
    ]
    assert [each.ask(0)["messages"][0]["name"] for each in links] == ["Ada", "Person A"]


def test_a_link_that_is_turned_off_is_remembered_by_nobody(conversation, follower, remembering):
    follower.ask(0)
    ShareLink.objects.update(revoked_at=conversation.created_at)
    assert follower.client.get(f"{follower.path}?since=0").status_code == 404


def test_strange_versions_do_not_fill_the_memory(follower, remembering, monkeypatch):
    monkeypatch.setattr(share_changes, "MOST_REMEMBERED", 5)
    for since in range(50):
        follower.ask(since)
    assert len(share_changes._memory) <= 5


def test_nor_do_whole_chats(follower, remembering, monkeypatch):
    monkeypatch.setattr(share_changes, "MOST_TURNS", 3)
    assert len(follower.ask(0)["messages"]) == 4
    assert share_changes._memory == {}


@pytest.mark.parametrize("remembers", [False, True])
def test_figures_of_a_thousand_messages(conversation, ada, monkeypatch, remembers):
    monkeypatch.setattr(share_changes, "REMEMBERED_SECONDS", 60.0 * remembers)
    rows = long_branch(conversation, ada)
    follower = Follower(share(conversation, ada, kind="live", until_message=rows[1].pk))
    print(f"\nA poll at {LONG:,} messages, {'remembered' if remembers else 'found anew'}:")
    _measure(follower, version_of(conversation), "idle")
    elsewhere = running_below(conversation, ada, None)
    _measure(follower, version_of(conversation), "an answer on another branch")
    Message.objects.filter(pk=elsewhere.pk).update(status=State.COMPLETED)
    running_below(conversation, ada, rows[-1])
    _measure(follower, version_of(conversation), "an answer on this branch")
    [message] = follower.ask(version_of(conversation))["messages"]
    assert (message["id"], message["status"]) == (LONG + 2, "streaming")


def _measure(follower, version, what):
    took = []
    for _ in range(20):
        began = time.perf_counter()
        follower.ask(version)
        took.append(1000 * (time.perf_counter() - began))
    queries = len(follower.queries(version))
    print(f"  {what}: {statistics.median(took):.1f} ms, {queries} queries")
