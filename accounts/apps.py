from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"


class OurAdminConfig(AdminConfig):
    """In the place of "django.contrib.admin", so that admin.site is ours."""

    default_site = "accounts.admin_site.Site"

    def ready(self) -> None:
        """Nothing of ours asks for groups, and an address is verified by mail only."""
        super().ready()
        admin.site.unregister(
            [apps.get_model("auth.Group"), apps.get_model("account.EmailAddress")]
        )
