from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        # The applications must be loaded first.
        from accounts.services import people
        from chat.services import conversations, sockets

        people.on_delete(conversations.let_go_of)
        people.on_sign_out(sockets.look_at_once)
