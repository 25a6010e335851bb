"""The address: taken before anything slow happens, so that a refusal comes at once."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

BACKLOG = 1024


class AddressProblem(Exception):
    """The address cannot be listened on; the text is a sentence."""


def bind(host: str, port: int, count: int = 1) -> list[socket.socket]:
    """A socket for each process, all on one address; port 0 takes a free one.

    Processes that wait on one socket are woken last-in-first-out, so that one of them would get nearly everybody; over
    several sockets of one port the kernel spreads new connections.
    """
    first = _bound(host, port, shared=False)
    if count == 1:
        return [first]
    with first:  # it has made sure that the address is free
        port = first.getsockname()[1]
    return [_bound(host, port, shared=True) for _ in range(count)]


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        raise AddressProblem(_refusal(host, port, problem)) from None
    return listener


@contextmanager
def listening(host: str, port: int, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(listener) for listener in bind(host, port, count)]


def _refusal(host: str, port: int, problem: OSError) -> str:
    reasons = {
        98: f"Port {port} on {host} is already in use: stop the other program or set PORT.",
        13: f"Port {port} needs more rights than we have: set PORT to one over 1023.",
    }
    return reasons.get(problem.errno or 0, f"{host}:{port} cannot be listened on: {problem}.")


def where(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
