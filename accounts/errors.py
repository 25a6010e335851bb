"""What can go wrong with people, in sentences for people."""

from typing import Any

from webchat.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    PaymentRequired,
    TooMany,
    Unavailable,
)


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


class BudgetExceeded(PaymentRequired):
    """`reason`, `scope`, `unit`, `limit`, `used`, `reserved`, `needed`, `resets_at` and `actions` come with it."""

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, **more)


class BudgetUnavailable(Unavailable):
    def __init__(self) -> None:
        super().__init__(
            "We could not check your budget just now. Nothing was charged. Try again.",
            retry_after=2,
        )


class PriceUnknown(Unavailable):
    def __init__(self, model: str) -> None:
        super().__init__(
            f"There is no price for {model} yet, so it cannot be used. An admin can add one; choose another model."
        )


class BadLimit(InvalidInput):
    def __init__(self) -> None:
        super().__init__(
            "A limit is a whole number from 0 (blocked) up; leave it empty for unlimited."
        )


class CannotBeUndone(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "Only a change of a limit can be undone, while the person or group is still there."
        )


# Invitations --------------------------------------------------------------------------------------


class BadAddress(InvalidInput):
    def __init__(self) -> None:
        super().__init__("This is not an email address. Check how it is written.")


class CannotBeInvited(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "This person's account is suspended or deleted. Ask staff to lift the suspension first."
        )


class HasAccount(Conflict):
    def __init__(self) -> None:
        super().__init__("There is an account with this address already. No invitation is needed.")


class InvitationNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("There is no such invitation, or it is not open any more.")


class InvitationGone(Conflict):
    def __init__(self) -> None:
        super().__init__(
            "This invitation was used or withdrawn, or has expired. Ask for a new one."
        )


class TooManyInvitations(TooMany):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit:,} invitations a day are the most for one person. Go on tomorrow.",
            limit=limit,
            retry_after=3600,
        )
