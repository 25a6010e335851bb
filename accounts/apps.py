from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        post_migrate.connect(_begin_with_rules_and_prices, sender=self)


def _begin_with_rules_and_prices(**_: Any) -> None:
    # The applications must be loaded first.
    from accounts.services import budgets, price_list

    budgets.ensure_rules()
    price_list.ensure_prices()


class OurAdminConfig(AdminConfig):
    """In the place of "django.contrib.admin", so that admin.site is ours."""

    default_site = "accounts.admin_site.Site"

    def ready(self) -> None:
        """Nothing of ours asks for groups, and an address is verified by mail only."""
        super().ready()
        admin.site.unregister(
            [apps.get_model("auth.Group"), apps.get_model("account.EmailAddress")]
        )
