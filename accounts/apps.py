from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # The applications must be loaded first.
        from allauth.account.signals import email_confirmed

        post_migrate.connect(_begin_with_rules_and_prices, sender=self)
        email_confirmed.connect(_accept_invitations)


def _begin_with_rules_and_prices(**_: Any) -> None:
    # The applications must be loaded first.
    from accounts.services import budgets, price_list

    budgets.ensure_rules()
    price_list.ensure_prices()


def _accept_invitations(email_address: Any, **_: Any) -> None:
    from accounts.services import invitations

    invitations.claim_verified(email_address.user, email_address.email)


class OurAdminConfig(AdminConfig):
    """In the place of "django.contrib.admin", so that admin.site is ours."""

    default_site = "accounts.admin_site.Site"

    def ready(self) -> None:
        """Nothing of ours asks for groups, and an address is verified by mail only."""
        super().ready()
        admin.site.unregister(
            [apps.get_model("auth.Group"), apps.get_model("account.EmailAddress")]
        )
