from django.apps import AppConfig


class WebchatConfig(AppConfig):
    name = "webchat"

    def ready(self) -> None:
        from webchat import checks  # noqa: F401  registers the system checks
