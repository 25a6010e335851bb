"""A connection that cannot be trusted gets neither the key nor the question."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chat.evolink import client
from tests.chat.evolink.conftest import PointAt, hear, script

Received = list[bytes]


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's side, with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kind, lock = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "both.pem").write_bytes(
        key.private_bytes(pem, kind, lock) + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@pytest.fixture
async def untrusted(tmp_path: Path) -> AsyncIterator[tuple[int, Received]]:
    """The port of a TLS server, and what it was told once the connection stood."""

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())
        writer.close()

    received: Received = []
    server = await asyncio.start_server(receive, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    yield server.sockets[0].getsockname()[1], received
    server.close()
    await client.close()


async def test_a_certificate_that_nobody_vouches_for(
    untrusted: tuple[int, Received], point_at: PointAt
):
    point_at(f"https://localhost:{untrusted[0]}", f"https://127.0.0.1:{untrusted[0]}")
    heard = await hear(script("well"))
    assert (heard.ending.state, heard.ending.code, heard.facts) == ("failed", "upstream_tls", [])
    assert untrusted[1] == []


async def test_a_server_that_does_not_speak_tls(point_at: PointAt):
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    point_at(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert (await hear(script("well"))).ending.code == "upstream_tls"
    server.close()
    await client.close()
