"""Static files first, then HTTP to Django and websockets to the one consumer.

Static files are served here and not in a middleware: an async middleware among sync ones costs every request two more
changes of thread.
"""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webchat.settings")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402  the applications must be loaded first
from django.urls import path  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from chat.consumers import EventConsumer  # noqa: E402
from webchat.origin import SameOrigin  # noqa: E402


def _safe(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


http_application = ServeStaticASGI(
    django_application,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    max_age=60,
    allow_all_origins=False,
    immutable_file_test=r"\.[0-9a-f]{12}\.",  # the manifest's hash in the name
    add_headers_function=_safe,
)
application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": SameOrigin(URLRouter([path("ws/", EventConsumer.as_asgi())])),
    }
)
