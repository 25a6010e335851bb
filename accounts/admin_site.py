"""Django's admin, entered by the product's own door: one sign-in, one set of limits."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from csp import constants as csp
from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import redirect

# Its pages load scripts of our own by plain tags without a nonce, which our policy elsewhere wants.
SCRIPTS = {"script-src": [csp.SELF]}


class Site(AdminSite):
    site_header = site_title = "Webchat"
    index_title = "Administration"
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return csp_replace(SCRIPTS)(super().admin_view(view, cacheable))
