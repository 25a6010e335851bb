from chat.models.completion import Completion
from chat.models.conversation import Conversation
from chat.models.member import InvitedMember, Member
from chat.models.message import Message
from chat.models.notification import Notification
from chat.models.share import ShareCopy, ShareLink, ShareView

__all__ = [
    "Completion",
    "Conversation",
    "InvitedMember",
    "Member",
    "Message",
    "Notification",
    "ShareCopy",
    "ShareLink",
    "ShareView",
]
