"""One file with everything: the database, attachments, and the key that signs sessions.

`save` makes it, `restore` reads it.
"""

from webchat.backup.archive import BackupProblem
from webchat.backup.restoring import restore
from webchat.backup.saving import save

__all__ = ["BackupProblem", "restore", "save"]
