"""The models that can be asked: ids, sizes and what they are good for, from the gateway's contract."""

from dataclasses import asdict, dataclass
from typing import Any

from accounts.services import workspace

CONTEXT_TOKENS = 1_048_576
OUTPUT_TOKENS = 65_536


@dataclass(frozen=True)
class Model:
    """`context_tokens` bounds prompt and answer together, `max_output_tokens` the answer, thoughts included."""

    id: str
    name: str
    description: str
    context_tokens: int = CONTEXT_TOKENS
    max_output_tokens: int = OUTPUT_TOKENS
    reasoning_efforts: tuple[str, ...] = ("low", "high")


MODELS = {
    model.id: model
    for model in (
        Model("gemini-3.5-flash", "Gemini 3.5 Flash", "Everyday work, quick and able"),
        Model("gemini-3.1-pro-preview", "Gemini 3.1 Pro", "Hard questions, long files"),
        Model(
            "gemini-3.1-flash-lite-preview",
            "Gemini 3.1 Flash Lite",
            "Short answers at once, the cheapest",
        ),
    )
}
DEFAULT = "gemini-3.5-flash"
CHEAPEST = "gemini-3.1-flash-lite-preview"


def listing(*, demo: bool) -> dict[str, Any]:
    """The body of `GET /api/v1/models`: those that the workspace allows."""
    items = [asdict(MODELS[model]) for model in workspace.models()]
    return {"items": items, "default": workspace.default_model(), "demo": demo}
