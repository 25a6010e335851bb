"""All routes at a glance."""

from django.contrib import admin
from django.urls import include, path

from chat import views
from webchat import health, status
from webchat.api import api

urlpatterns = [
    path("", views.page, name="new-conversation"),
    path("c/<uuid:conversation_id>", views.page, name="conversation"),
    path("api/v1/", api.urls),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/status/", status.page, name="status"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
