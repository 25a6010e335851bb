from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        # The applications must be loaded first.
        from accounts.services import changes, people, workspace
        from chat import catalog
        from chat.services import answers, conversations, meters, sockets

        people.on_delete(conversations.let_go_of)
        people.on_sign_out(sockets.look_at_once)
        people.on_sign_out(answers.stop_all_of)
        changes.on_change(meters.tell)
        names = {model.id: model.name for model in catalog.MODELS.values()}
        workspace.offer(names, usual=catalog.DEFAULT)
