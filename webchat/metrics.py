"""Prometheus metrics: what this process counts. Their page is `/metrics`, for staff or a token."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram("webchat_request_seconds", "HTTP requests", ["method", "route", "status"])
SOCKETS = Gauge("webchat_sockets", "Open websockets")
RUNNING = Gauge("webchat_answers_running", "Answers that this process is writing")
ENDED = Counter("webchat_answers_ended", "Answers that ended", ["state"])
FIRST_PIECE = Histogram(
    "webchat_first_piece_seconds", "From the claim of an answer to its first piece"
)
EVENTS = Counter("webchat_events", "Frames sent to sockets")
