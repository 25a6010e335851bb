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
CIRCUITS = Gauge(
    "webchat_upstream_skipped",
    "1 while an upstream address is skipped",
    ["host"],
    multiprocess_mode="livemax",
)
CALLS_AT_ONCE = Gauge(
    "webchat_upstream_calls_most",
    "Calls of a model that may be under way at once, after the gateway said 429",
    ["model"],
    multiprocess_mode="livemin",
)
CALLS = Counter("webchat_upstream_calls", "Calls of the upstream that ended", ["code"])
REFUSED = Counter("webchat_refused", "Requests refused because they were too many", ["code"])
