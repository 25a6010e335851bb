from chat.models.completion import Completion
from chat.models.conversation import Conversation
from chat.models.member import Member
from chat.models.message import Message

__all__ = ["Completion", "Conversation", "Member", "Message"]
