"""Share links over HTTP: find, call, describe."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field, StrictBool

from chat.api import cursors
from chat.api.conversations import Limit
from chat.api.schemas import Author, Body, Page, Title
from chat.services import share_copies, share_lists, share_policy, shares, visits
from chat.services.share_content import MOST
from chat.services.share_passwords import LONGEST, SHORTEST
from chat.services.shares import MOST_READERS, Sharing
from chat.services.text import storable
from chat.services.visits import Visitor
from chat.shapes import Shape
from webchat.addresses import address_of
from webchat.http import SignedInRequest

router = Router(tags=["share links"])
staff_router = Router(tags=["share links"])
Password = Annotated[str, Field(min_length=SHORTEST, max_length=LONGEST)]
MOST_VIEWS = 2**31 - 1


class ShareIn(Body):
    """`expires_at`: null never, missing in seven days. `messages`: only these of the branch, as they are now. `title`:
    of a snapshot, instead of the chat's or, with `messages`, "Shared messages". `digest`: what the preview gave; a
    snapshot of anything else is refused."""

    audience: Literal["public", "signed_in", "people"]
    kind: Literal["snapshot", "live"]
    people: Annotated[list[UUID], Field(max_length=MOST_READERS)] = []
    until_message: UUID | None = None
    messages: Annotated[list[UUID], Field(max_length=MOST)] | None = None
    expires_at: AwareDatetime | None = None
    password: Password | None = None
    show_names: StrictBool = False
    max_views: Annotated[int, Field(gt=0, le=MOST_VIEWS)] | None = None
    title: Title | None = None
    digest: Annotated[str, Field(max_length=64)] = ""

    def sharing(self) -> Sharing:
        given: dict[str, Any] = self.dict(exclude={"password", "expires_at", "title"})
        ends = "expires_at" in self.model_fields_set
        return Sharing(
            **given,
            expires_at=self.expires_at if ends else share_policy.usual_end(),
            title=storable((self.title or "").strip()),
            password=storable(self.password or ""),
        )


class CopyIn(Body):
    password: Annotated[str, Field(max_length=LONGEST)] = ""


class SharedConversation(Schema):
    """`title` is empty for those who do not see the conversation."""

    id: UUID
    title: str


class ShareOut(Schema):
    """`url` is for its maker. `ends_at`: at the latest, by what was agreed or what the workspace allows now."""

    id: UUID
    url: str | None
    conversation: SharedConversation
    maker: Author
    audience: str
    people: list[Author]
    kind: str
    show_names: bool
    has_password: bool
    max_views: int | None
    views: int
    last_viewed_at: datetime | None
    created_at: datetime
    expires_at: datetime | None
    ends_at: datetime | None
    state: str


class PolicyOut(Schema):
    public_links: bool
    longest_link_days: int | None
    password_required: bool


class SharesOut(Schema):
    items: list[ShareOut]
    policy: PolicyOut


class PreviewedMessage(Schema):
    """As the link's page shows it; `message` is its id in the conversation, which that page does not tell."""

    id: int
    message: UUID
    role: str
    name: str
    hue: int
    model: str | None
    content: str
    status: str
    created_at: datetime


class FindingOut(Schema):
    """`message` is null for what stands in the title."""

    kind: str
    text: str
    message: UUID | None


class PreviewOut(Schema):
    title: str
    messages: list[PreviewedMessage]
    findings: list[FindingOut]
    more: bool
    people: int
    digest: str


class CopyOut(Schema):
    conversation: UUID


@router.get("/conversations/{uuid:conversation_id}/shares", response=SharesOut)
def list_shares_of(request: SignedInRequest, conversation_id: UUID) -> Shape:
    """One's own, for the owner all; and what the workspace allows of a new one."""
    items = share_lists.of_conversation(request.user, conversation_id)
    return {"items": items, "policy": share_policy.shape()}


@router.post("/conversations/{uuid:conversation_id}/shares", response={201: ShareOut})
def create_share(
    request: SignedInRequest, conversation_id: UUID, payload: ShareIn
) -> Status[Shape]:
    link = shares.create_share(conversation_id, by=request.user, sharing=payload.sharing())
    return Status(201, share_lists.one(link, request.user))


@router.post("/conversations/{uuid:conversation_id}/shares/preview", response=PreviewOut)
def preview_share(request: SignedInRequest, conversation_id: UUID, payload: ShareIn) -> Shape:
    """Exactly what would be visible, and what in it may be meant for fewer eyes."""
    return shares.preview(conversation_id, by=request.user, sharing=payload.sharing())


@router.get("/shares", response=Page[ShareOut])
def list_shares(request: SignedInRequest, before: str = "", limit: Limit = 50) -> Shape:
    """All that the caller has made, newest first."""
    return _page(share_lists.made_by(request.user), request, before, limit)


@router.delete("/shares", response={204: None})
def revoke_shares(request: SignedInRequest) -> Status[None]:
    """Every link that the caller has made."""
    shares.revoke_all(by=request.user)
    return Status(204, None)


@router.delete("/shares/{uuid:share_id}", response={204: None})
def revoke_share(request: SignedInRequest, share_id: UUID) -> Status[None]:
    shares.revoke_share(share_id, by=request.user)
    return Status(204, None)


@router.post("/shares/{token}/copy", response={200: CopyOut, 201: CopyOut})
def copy_share(request: SignedInRequest, token: str, payload: CopyIn) -> Status[Shape]:
    """What the link shows, as a conversation of the caller's own: 201 the first time, afterwards the same one, 200."""
    visitor = Visitor(
        address_of(request), request.headers.get("User-Agent", ""), lambda: request.user
    )
    link = visits.find(token, visitor)
    if link.password:
        visits.unlock(link, payload.password, visitor)
    visits.count_once(token, link, visitor)
    copied = share_copies.copy_share(link, by=request.user)
    return Status(201 if copied.is_new else 200, {"conversation": copied.conversation_id})


@staff_router.get("/shares", response=Page[ShareOut])
def list_everybodys_shares(request: SignedInRequest, before: str = "", limit: Limit = 50) -> Shape:
    """All links of the workspace, without what they show and where they lead."""
    return _page(share_lists.everybodys(), request, before, limit)


@staff_router.delete("/shares/{uuid:share_id}", response={204: None})
def revoke_anybodys_share(request: SignedInRequest, share_id: UUID) -> Status[None]:
    shares.revoke_share(share_id, by=request.user, as_staff=True)
    return Status(204, None)


def _page(links: Any, request: SignedInRequest, before: str, limit: int) -> Shape:
    place = cursors.moment(before) if before else None
    items, following = share_lists.page(links, request.user, before=place, limit=limit)
    if following is None:
        return {"items": items, "next": None}
    at, pk = following
    return {"items": items, "next": cursors.written(at.isoformat(), pk)}
