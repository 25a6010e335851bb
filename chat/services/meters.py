"""What a person may still spend has changed: their pages ask for it anew."""

from uuid import UUID

from chat import events


def tell(user_id: UUID | None) -> None:
    """None: a rule for many has changed; every page of every person asks."""
    if user_id:
        events.publish(events.budget_changed(), to=[user_id])
    else:
        events.publish_to_all(events.budget_changed())
