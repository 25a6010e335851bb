"""HTTP goes to Django, websockets to the one consumer."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webchat.settings")
django_application = get_asgi_application()

from django.urls import path  # noqa: E402  the applications must be loaded first

from chat.consumers import EventConsumer  # noqa: E402
from webchat.origin import SameOrigin  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SameOrigin(URLRouter([path("ws/", EventConsumer.as_asgi())])),
    }
)
