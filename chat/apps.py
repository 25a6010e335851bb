from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        # The applications must be loaded first.
        from accounts.services import people
        from chat.services import answers, conversations, sockets

        people.on_delete(conversations.let_go_of)
        people.on_sign_out(sockets.look_at_once)
        people.on_sign_out(answers.stop_all_of)
