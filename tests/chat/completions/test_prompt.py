"""What is sent: the system prompt, then the newest turns that fit."""

import pytest

from chat.completions import prompt
from chat.completions.titles import first_words
from tests.factories import make_branch, make_message, make_running_answer


def built(conversation, question):
    return prompt.build(make_running_answer(conversation, question).completion)


def said(request):
    return [(message.role, message.content) for message in request.messages]


def test_the_branch_is_sent_and_not_the_other_one(conversation, ada):
    first, answer = make_branch(conversation, ada, 2)
    make_message(conversation, parent=first, content="the other answer")
    question = make_message(conversation, ada, parent=answer, content="And then?")
    conversation.system_prompt = "Be brief."
    conversation.save()
    request = built(conversation, question).request
    assert said(request) == [
        ("system", "Be brief."),
        ("user", "Turn 0"),
        ("assistant", "Turn 1"),
        ("user", "And then?"),
    ]


def test_what_is_deleted_or_empty_is_not_sent(conversation, ada):
    _, answer = make_branch(conversation, ada, 2)
    answer.content = ""
    answer.save()
    question = make_message(conversation, ada, parent=answer, content="Again?")
    assert said(built(conversation, question).request) == [("user", "Turn 0"), ("user", "Again?")]


def test_the_oldest_turns_are_left_out_and_counted(conversation, ada, monkeypatch):
    monkeypatch.setattr(prompt, "PROMPT_TOKENS", 60)
    branch = make_branch(conversation, ada, 9)
    short = built(conversation, branch[-1])
    assert said(short.request)[-1] == ("user", "Turn 8")
    assert (len(short.request.messages), short.left_out) == (6, 3)


def test_the_question_itself_is_always_sent(conversation, ada, monkeypatch):
    monkeypatch.setattr(prompt, "PROMPT_TOKENS", 10)
    question = make_message(conversation, ada, content="long " * 100)
    assert len(built(conversation, question).request.messages) == 1


def test_the_parameters_of_the_completion_are_sent(conversation, ada):
    answer = make_running_answer(conversation, make_message(conversation, ada))
    answer.completion.parameters = {"temperature": 0.2, "max_completion_tokens": 50}
    request = prompt.build(answer.completion).request
    assert (request.temperature, request.max_completion_tokens, request.top_p) == (0.2, 50, None)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is a lease?", "What is a lease?"),
        ("  one\n two ", "one two"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("", "Untitled"),
    ],
)
def test_a_title_falls_back_to_the_first_words(question, title):
    assert first_words(question) == title
