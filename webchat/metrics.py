"""Prometheus metrics: what this process counts. Their page is `/metrics`, for staff or a token."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram("webchat_request_seconds", "HTTP requests", ["method", "route", "status"])
SOCKETS = Gauge("webchat_sockets", "Open websockets", multiprocess_mode="livesum")
RUNNING = Gauge(
    "webchat_answers_running", "Answers that are being written here", multiprocess_mode="livesum"
)
ENDED = Counter("webchat_answers_ended", "Answers that ended", ["state"])
FIRST_PIECE = Histogram(
    "webchat_first_piece_seconds", "From the claim of an answer to its first piece"
)
TASKS = Gauge("webchat_tasks", "Tasks on the server's loop", multiprocess_mode="livesum")
EVENTS = Counter("webchat_events", "Frames sent to sockets")
