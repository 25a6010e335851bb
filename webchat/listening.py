"""The address: taken before anything slow happens, so that a refusal comes at once."""

import socket

BACKLOG = 1024


class AddressProblem(Exception):
    """The address cannot be listened on; the text is a sentence."""


def bind(host: str, port: int) -> socket.socket:
    """Port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        raise AddressProblem(_refusal(host, port, problem)) from None
    return listener


def _refusal(host: str, port: int, problem: OSError) -> str:
    reasons = {
        98: f"Port {port} on {host} is already in use: stop the other program or set PORT.",
        13: f"Port {port} needs more rights than we have: set PORT to one over 1023.",
    }
    return reasons.get(problem.errno or 0, f"{host}:{port} cannot be listened on: {problem}.")


def where(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
