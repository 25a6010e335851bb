"""People, and the money they may spend."""

from accounts.models.audit import AuditEntry
from accounts.models.budget import Budget, BudgetAlert, BudgetChange, BudgetRequest, BudgetWindow
from accounts.models.group import Group
from accounts.models.invitation import Invitation
from accounts.models.ledger import Hold, LedgerEntry, Price, UsageDay, WorkspaceDay
from accounts.models.person import Digest, User, UserQuerySet, normalise_email, refuse_invisible
from accounts.models.workspace import Workspace

__all__ = [
    "AuditEntry",
    "Budget",
    "BudgetAlert",
    "BudgetChange",
    "BudgetRequest",
    "BudgetWindow",
    "Digest",
    "Group",
    "Hold",
    "Invitation",
    "LedgerEntry",
    "Price",
    "UsageDay",
    "User",
    "UserQuerySet",
    "Workspace",
    "WorkspaceDay",
    "normalise_email",
    "refuse_invisible",
]
