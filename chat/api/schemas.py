"""What comes in and goes out over HTTP. An unknown field is a 422: a typing error must not pass in silence."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool

from chat.services.parameters import Parameters
from chat.services.text import MESSAGE_LIMIT

T = TypeVar("T")
Title = Annotated[str, Field(max_length=200)]
SystemPrompt = Annotated[str, Field(max_length=20_000)]


class Body(Schema):
    model_config = ConfigDict(extra="forbid")


class ConversationIn(Body):
    """Without a model or a system prompt it begins with the workspace's; "" is no system prompt."""

    id: UUID | None = None
    title: Title = ""
    model: str = ""
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None


class ConversationChanges(Body):
    """Only what is given changes. The caller's own: `pinned`, `archived`, `current_message`, `read` (a message:
    everything up to it was on screen; never taken back), `place` (the message at the top of the screen) and `draft`."""

    title: Title | None = None
    model: str | None = None
    system_prompt: SystemPrompt | None = None
    parameters: Parameters | None = None
    pinned: StrictBool | None = None
    archived: StrictBool | None = None
    current_message: UUID | None = None
    answering: Literal["always", "addressed"] | None = None
    default_message: UUID | None = None
    read: UUID | None = None
    place: UUID | None = None
    draft: Annotated[str, Field(max_length=MESSAGE_LIMIT)] | None = None


class MessageIn(Body):
    """Without `reply` the conversation's rule decides; `at_end`: at the end of the branch below `parent`."""

    id: UUID
    parent: UUID | None
    content: str
    model: str | None = None
    parameters: Parameters | None = None
    reply: StrictBool | None = None
    at_end: StrictBool = False


class CompletionIn(Body):
    """`continue`: go on from an answer that broke off, whose id is in the address."""

    id: UUID | None = None
    goes_on: StrictBool = Field(False, alias="continue")
    model: str | None = None
    parameters: Parameters | None = None


class Author(Schema):
    id: UUID
    name: str


class CompletionOut(Schema):
    id: UUID
    model: str
    continues: UUID | None
    waits_for: UUID | None
    requested_by: UUID | None
    finish_reason: str | None
    code: str | None
    detail: str | None
    usage: dict[str, Any] | None
    cost_micro_usd: int | None
    left_out: int
    max_output: int | None
    reasoning: str | None
    started_at: datetime | None
    finished_at: datetime | None


class MessageOut(Schema):
    id: UUID
    conversation: UUID
    parent: UUID | None
    role: str
    author: Author | None
    model: str | None
    content: str
    status: str
    version: int
    position: int
    created_at: datetime
    deleted_at: datetime | None
    siblings: list[UUID]
    completion: CompletionOut | None


class ConversationOut(Schema):
    id: UUID
    title: str
    model: str
    system_prompt: str
    parameters: dict[str, Any]
    answering: str
    default_message: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    role: str
    pinned: bool
    archived: bool
    current_message: UUID | None
    read_position: int
    unread: int
    draft: str
    place: UUID | None
    people: int
    has_link: bool
    running: bool


class Page(Schema, Generic[T]):
    """`next` goes into `?before=` for the following page; null at the end."""

    items: list[T]
    next: str | None


class PostedOut(Schema):
    message: MessageOut
    answer: MessageOut | None = None


class AnswerOut(Schema):
    message: MessageOut


class ChangesOut(Schema):
    version: int
    conversation: ConversationOut
    messages: list[MessageOut]
    deleted: list[UUID]
    more: bool


class MeOut(Schema):
    id: UUID
    email: str
    name: str
    is_staff: bool


class ModelOut(Schema):
    id: str
    name: str
    description: str
    context_tokens: int
    max_output_tokens: int
    reasoning_efforts: list[str]


class ModelsOut(Schema):
    items: list[ModelOut]
    default: str
    demo: bool


class Problem(Schema):
    """Every error. `fields` (422) and `retry_after` (429) come where they help."""

    code: str
    detail: str
