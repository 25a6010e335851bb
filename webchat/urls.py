"""All routes at a glance."""

from django.contrib import admin
from django.urls import include, path

from chat import link_views, share_views, views
from webchat import health, status
from webchat.api import api

urlpatterns = [
    path("", views.page, name="new-conversation"),
    path("c/<uuid:conversation_id>", views.page, name="conversation"),
    path("s/<str:token>", share_views.page, name="shared"),
    path("s/<str:token>/seen", share_views.seen),
    path("s/<str:token>/seen.gif", share_views.seen_image),
    path("s/<str:token>/changes", share_views.changes),
    path("s/<str:token>/continue", share_views.copy, name="continue-shared"),
    path("s/<path:token>", share_views.nothing),
    path("api/v1/", api.urls),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("settings/links", link_views.own, name="links"),
    path("admin/links/", link_views.everybodys, name="admin-links"),
    path("admin/status/", status.page, name="status"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
