"""What can go wrong with people, in sentences for people."""

from webchat.errors import Conflict, NotAllowed, TooMany


class StaffOnly(NotAllowed):
    def __init__(self) -> None:
        super().__init__("Only staff may do this.")


class LastStaff(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "This is the last person who can administer Webchat. Make someone else staff first."
        )


class AlreadyDeleted(Conflict):
    def __init__(self) -> None:
        super().__init__("This person was deleted.")


class Suspended(Conflict):
    def __init__(self) -> None:
        super().__init__("This person is suspended. Lift the suspension first.")


class TooManyLinks(TooMany):
    def __init__(self) -> None:
        super().__init__("Several links were sent just now. Wait a minute.", retry_after=60)
