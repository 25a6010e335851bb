"""Nothing is registered here: staff do not read other people's chats."""
