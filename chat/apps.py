from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        from accounts.services import people
        from chat.services.conversations import let_go_of

        people.on_delete(let_go_of)
