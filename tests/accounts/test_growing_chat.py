"""How much of a budget can be used before the first refusal, in chats that grow: the product's own bound, a model that
counts about four bytes a token."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import mean

from accounts.errors import BudgetExceeded
from accounts.models import User
from accounts.prices import Tokens
from accounts.services import budgets, spending
from accounts.services.budgets import Limit
from accounts.services.windows import applying
from chat.completions import calling, prompt
from chat.completions.finish import usage_shown
from chat.completions.prompt import Prompt
from chat.models import Completion, Conversation, Message
from chat.models.states import State
from tests.factories import make_conversation, make_message, make_running_answer, make_user

BUDGET = 100_000
PEOPLE = 5
BYTES_A_TOKEN, FRAME = 4, 5
TURNS_A_CHAT = 8
LONG = "lorem ipsum " * 4_000


@dataclass
class Person:
    """Asks until a question is refused; now and then in a new chat."""

    user: User
    chance: random.Random
    conversation: Conversation | None = None
    newest: Message | None = None
    replies: int = 0
    cut: int = 0

    def ask_until_refused(self) -> None:
        with suppress(BudgetExceeded):
            while self.replies < BUDGET:
                self.ask()

    def ask(self) -> None:
        if self.conversation is None or self.chance.random() < 1 / TURNS_A_CHAT:
            self.conversation, self.newest = make_conversation(self.user), None
        question = make_message(
            self.conversation, self.user, parent=self.newest, content=self.question()
        )
        self.newest = make_running_answer(self.conversation, question)
        self.answer(self.newest, self.newest.completion)

    def answer(self, message: Message, completion: Completion) -> None:
        built = prompt.build(completion)
        calling.reserve(completion, built, payer=self.user)
        hold = calling.held(completion, built)
        used, text = self.reply(built, hold.max_output)
        assert used.prompt <= built.bound
        spending.settle(completion.pk, 0, used, "upstream")
        store(message, text, used, built.key)

    def question(self) -> str:
        """A sentence or two; one in twenty is a page that was pasted."""
        usual = 4_000 if self.chance.random() < 0.05 else 200
        return self.text(usual)

    def reply(self, built: Prompt, most: int) -> tuple[Tokens, str]:
        """A few paragraphs after some thoughts, or what of them may be written."""
        thoughts, text = self.size(300), self.text(1_600)
        wanted = thoughts + counted(text)
        self.replies += 1
        self.cut += wanted > most
        output, reasoning = min(wanted, most), min(thoughts, most)
        sent = sum(counted(str(message.content)) + FRAME for message in built.request.messages)
        text = text[: (output - reasoning) * BYTES_A_TOKEN]
        return Tokens(prompt=sent, output=output, reasoning=reasoning), text

    def text(self, usual: int) -> str:
        return LONG[: self.size(usual)]

    def size(self, usual: int) -> int:
        return 1 + int(self.chance.lognormvariate(0, 0.6) * usual)


def counted(text: str) -> int:
    return -(-len(text.encode()) // BYTES_A_TOKEN)


def store(message: Message, text: str, used: Tokens, key: str) -> None:
    """As the end of an answer does."""
    Message.objects.filter(pk=message.pk).update(content=text, status=State.COMPLETED)
    Completion.objects.filter(message=message).update(
        state=State.COMPLETED, usage=usage_shown(used, "upstream"), prompt_key=key
    )


@dataclass
class Seen:
    """Of all people: the share of the budget that was spent at the first refusal, replies, and those cut short."""

    shares: list[float] = field(default_factory=list)
    replies: int = 0
    cut: int = 0

    def __str__(self) -> str:
        return (
            f"{mean(self.shares):.1%} of the budget (worst {min(self.shares):.1%}) of {len(self.shares)} people, "
            f"{self.cut} of {self.replies} replies cut short"
        )


def until_refused(people: int) -> Seen:
    staff, seen = make_user(is_staff=True), Seen()
    for seed in range(people):
        person = Person(make_user(), random.Random(seed))
        budgets.limit_person(person.user, Limit("total", BUDGET, None), by=staff)
        person.ask_until_refused()
        [own] = [window for window in applying(person.user.pk) if window.rank == 0]
        assert (own.held_tokens, own.spent_tokens <= BUDGET) == (0, True)
        seen.shares.append(own.spent_tokens / BUDGET)
        seen.replies += person.replies
        seen.cut += person.cut
    return seen


def test_nine_tenths_of_a_budget_are_usable_before_the_first_refusal(db):
    seen = until_refused(PEOPLE)
    print(f"\nGrowing chats: {seen}")
    assert mean(seen.shares) >= 0.9
    assert seen.cut <= seen.replies // 50


def test_bytes_alone_would_refuse_earlier(db, monkeypatch):
    measured = until_refused(1)
    monkeypatch.setattr(prompt, "_measured", lambda completion, said, key: (0, 0))
    in_bytes = until_refused(1)
    print(f"\nIn bytes alone: {in_bytes}")
    assert mean(in_bytes.shares) < mean(measured.shares)
