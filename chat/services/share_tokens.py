"""The tokens of share links: 160 random bits, looked up by their hash, readable with SECRET_KEY only."""

import base64
import hashlib
import secrets
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

TOKEN_BYTES = 20
NONCE_BYTES = 12
_PURPOSE = b"webchat.share_link.token"


def new_token() -> str:
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()


def hash_of(token: str) -> bytes:
    """Of whatever an address holds, even what can be no token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def sealed(token: str, *, link_id: UUID) -> bytes:
    """Only good for that link."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(settings.SECRET_KEY).encrypt(nonce, token.encode(), link_id.bytes)


def unsealed(seal: bytes | memoryview, *, link_id: UUID) -> str | None:
    """None where SECRET_KEY is another one by now: the link works, but nobody can copy it again."""
    nonce, text = bytes(seal[:NONCE_BYTES]), bytes(seal[NONCE_BYTES:])
    try:
        return _cipher(settings.SECRET_KEY).decrypt(nonce, text, link_id.bytes).decode()
    except InvalidTag:
        return None


def url_of(token: str) -> str:
    return f"{settings.PUBLIC_URL}/s/{token}"


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return AESGCM(derive.derive(secret.encode()))
