"""What a person may ask of the model beside the text; the ranges are the gateway's."""

from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, field_validator

from accounts.services import workspace
from chat.errors import UnknownModel
from chat.services.text import storable

STOP_LENGTH = 200


class Parameters(Schema):
    """All optional; what is missing is left to the model. Sources of the ranges: the gateway's full reference."""

    model_config = ConfigDict(extra="forbid", strict=True)

    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    max_completion_tokens: int | None = Field(None, ge=1, le=65_536)
    reasoning_effort: Literal["low", "medium", "high"] | None = None
    frequency_penalty: float | None = Field(None, ge=-2, le=2, allow_inf_nan=False)
    presence_penalty: float | None = Field(None, ge=-2, le=2, allow_inf_nan=False)
    stop: list[str] | None = Field(None, max_length=5)
    seed: int | None = Field(None, ge=-(2**31), lt=2**31)

    @field_validator("stop")
    @classmethod
    def _short_stops(cls, stops: list[str] | None) -> list[str] | None:
        if any(not 0 < len(stop) <= STOP_LENGTH for stop in stops or ()):
            raise ValueError(f"Each stop text has 1 to {STOP_LENGTH} characters.")
        for stop in stops or ():
            storable(stop)
        return stops


def as_stored(parameters: Parameters | None) -> dict[str, Any]:
    return parameters.dict(exclude_none=True) if parameters else {}


def known_model(model: str) -> str:
    """One that the workspace allows now."""
    if model not in workspace.models():
        raise UnknownModel(model)
    return model
