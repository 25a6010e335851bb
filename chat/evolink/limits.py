"""How long and how much we wait for Evolink; one object, so that a test can shorten it."""

from dataclasses import dataclass


@dataclass
class Limits:
    """Seconds, unless the name says otherwise."""

    connect: float = 5.0
    reach: float = 15.0  # name lookup, every address and TLS together
    first_byte: float = 60.0  # and between bytes until the first text
    first_byte_thinking: float = 180.0  # the same where much reasoning was asked for
    whole_response: float = 300.0  # takes the place of first_byte where nothing is streamed
    silence: float = 45.0  # without a single byte
    keep_alive: float = 180.0  # with bytes, but none of them an event
    after_finish: float = 5.0  # for the usage and [DONE] that follow a finish_reason
    after_done: float = 0.1  # for the end of the body, which lets the connection be used again
    total: float = 900.0
    first_token: float = 120.0  # all attempts together; none begins later
    backoff_least: float = 0.5
    backoff_most: float = 8.0
    retry_after_most: float = 30.0
    retries_most: int = 2
    late: float = 30.0  # without a first byte: counts against the address; longer where much thinking was asked for
    failures_most: int = 10  # answers in a row that an address may fail before it is skipped
    skip: float = 5.0  # so long, then one answer tries it again
    calm: float = 60.0  # without a 429, and a model's calls are not limited any more
    connections_most: int = 1000
    error_body_bytes: int = 64 * 1024
    whole_body_bytes: int = 8 * 1024 * 1024
    answer_bytes: int = 2 * 1024 * 1024
    detail_characters: int = 2000


LIMITS = Limits()
