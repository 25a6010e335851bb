from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        # The applications must be loaded first.
        from accounts.services import changes, invitations, people, workspace
        from chat import catalog
        from chat.completions import line, runner
        from chat.services import answers, inviting, members, meters, sockets

        people.on_delete(members.let_go_of)
        people.on_delete(invitations.forget)  # after the conversations, which inviting locks first
        invitations.guided_by(inviting)
        people.on_sign_out(sockets.look_at_once)
        people.on_sign_out(answers.stop_all_of)
        changes.on_change(meters.tell)
        line.on_turn(runner.take)
        names = {model.id: model.name for model in catalog.MODELS.values()}
        workspace.offer(names, usual=catalog.DEFAULT)
