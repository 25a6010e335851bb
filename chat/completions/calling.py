"""The one door to the model: no hold, no call, and what is sent is capped at what is held.

A hold is the worst case: every token of the prompt, of which one takes at least a byte, and the most output that is
asked for. What the upstream has counted before is not counted in bytes again.
"""

from collections.abc import AsyncGenerator
from uuid import UUID

from django.db import transaction
from msgspec import structs

from accounts.models import User
from accounts.prices import Tokens
from accounts.services import spending
from accounts.services.spending import Call, Hold, Purpose
from chat.completions.prompt import Prompt
from chat.evolink import client
from chat.evolink.pieces import Completed, Fact
from chat.evolink.wire import ChatRequest, Usage
from chat.models import Completion


def reserve(completion: Completion, prompt: Prompt, *, payer: User) -> Hold:
    """Last before the commit that stores the answer. Raises what `spending.reserve` raises."""
    return spending.reserve(payer, _answering(completion, prompt))


def refuse_unpayable(completion: Completion, prompt: Prompt, *, payer: User) -> None:
    """For an answer that waits in line: what its call would need now, held and given back at once, since nobody knows
    yet what it will be told. Raises what `spending.reserve` raises; inside a transaction."""
    with transaction.atomic():
        reserve(completion, prompt, payer=payer)
        transaction.set_rollback(True)


def held(completion: Completion, prompt: Prompt) -> Hold | None:
    """The hold, with the call noted on it; None where it has been swept. An answer that begins again, or whose turn
    has come, reserves only now, which its budget may refuse."""
    if hold := spending.fence(completion.pk, completion.restarts):
        return hold if prompt.bound <= hold.prompt_bound else None
    payer = completion.requested_by
    reserves_late = completion.restarts or completion.waits_for_id
    if not reserves_late or payer is None:
        return None
    spending.reserve(payer, _answering(completion, prompt))
    return spending.fence(completion.pk, completion.restarts)


def _answering(completion: Completion, prompt: Prompt) -> Call:
    return _call(prompt, completion.pk, "chat", attempt=completion.restarts)


def _call(prompt: Prompt, completion_id: UUID, purpose: Purpose, attempt: int = 0) -> Call:
    return Call(
        completion_id=completion_id,
        attempt=attempt,
        model=prompt.request.model,
        prompt_bound=prompt.bound,
        most_output=prompt.most_output,
        least_output=prompt.least_output,
        purpose=purpose,
    )


def stream(prompt: Prompt, hold: Hold) -> AsyncGenerator[Fact, None]:
    return client.stream(_capped(prompt, hold))


async def complete(prompt: Prompt, hold: Hold) -> Completed:
    return await client.complete(_capped(prompt, hold))


def _capped(prompt: Prompt, hold: Hold) -> ChatRequest:
    return structs.replace(prompt.request, max_completion_tokens=hold.max_output)


def hold_for_title(payer: User, prompt: Prompt, completion_id: UUID) -> Hold | None:
    """Reserve and fence at once: nobody waits in between."""
    spending.reserve(payer, _call(prompt, completion_id, "title"))
    return spending.fence(completion_id, 0)


def counted(usage: Usage) -> Tokens:
    """What the upstream has reported."""
    return Tokens(
        prompt=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=usage.cached_tokens,
        reasoning=usage.reasoning_tokens,
    )
