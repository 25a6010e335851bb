"""Where allauth asks us: who may sign up, what is stored, which addresses go into mails."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailConfirmationHMAC
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.http import invitation_of
from accounts.models import User
from accounts.services import invitations, people
from webchat.addresses import address_of

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This email and password do not belong together.",
        "email_taken": "There is an account with this address already. Sign in instead.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, then try again.",
        "enter_current_password": "This is not your current password.",
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """With SIGNUP=invite for whoever comes by the link of an open invitation."""
        if settings.SIGNUP == "invite":
            return invitation_of(request) is not None
        return settings.SIGNUP == "open"

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who came by a link that was mailed to the address need not be mailed another one."""
        invitation = invitation_of(request)
        return invitation is not None and invitations.proves_address(invitation, email)

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        user.name = form.cleaned_data["name"]
        super().save_user(request, user, form, commit=False)
        return people.admit(user) if commit else user

    def set_password(self, user: User, password: str) -> None:
        people.set_password(user, password=password)

    def is_safe_url(self, url: str) -> bool:
        """Our own paths only: ALLOWED_HOSTS has localhost, for a visitor another site."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    # Mails. A Host header is the visitor's word, so links are made from PUBLIC_URL.

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", key)

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmationHMAC
    ) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.PUBLIC_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that does not answer has a page of its own, the same for everybody."""
        try:
            super().send_mail(template_prefix, email, {"site": settings.PUBLIC_URL, **context})
        except OSError as problem:
            logger.exception("mail.failed", extra={"template": template_prefix})
            page = render(self.request, "accounts/mail_failed.html", status=503)
            raise ImmediateHttpResponse(page) from problem

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Without the host: another port in the Host header would be another five attempts."""
        return str(credentials.get("email", "")).lower()
