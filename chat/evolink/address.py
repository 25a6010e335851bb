"""Where Evolink is and what opens its door; read from the settings for every request."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

_SECRET = re.compile(r"(?i)\b(?:bearer\s+\S+|sk-[\w-]{6,})")
_HIDDEN = "[hidden]"


@dataclass(frozen=True)
class Address:
    """One base URL with the key, which no repr shows."""

    url: str
    key: str = field(repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def headers(self) -> dict[str, str]:
        authorization = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return {"Content-Type": "application/json", "Accept": "text/event-stream", **authorization}

    @property
    def is_usable(self) -> bool:
        """Whether the key can travel in a header at all."""
        return self.key.isascii() and (not self.key or self.key.isprintable())

    def redact(self, told: str) -> str:
        """Upstream's words without our key, should it repeat it."""
        return _SECRET.sub(_HIDDEN, told.replace(self.key, _HIDDEN) if self.key else told)


def addresses() -> list[Address]:
    """The base URL, then the fallback where it is another one."""
    bases = [settings.EVOLINK_BASE_URL, settings.EVOLINK_FALLBACK_URL or settings.EVOLINK_BASE_URL]
    urls = dict.fromkeys(_completions_url(base) for base in bases)
    return [Address(url, settings.EVOLINK_API_KEY.strip()) for url in urls]


def _completions_url(base: str) -> str:
    """Accept a base URL with or without the /v1 that the OpenAI clients want at its end."""
    return f"{base.rstrip('/').removesuffix('/v1')}/v1/chat/completions"
