"""`manage.py doctor`: one line for everything that the chat needs, and what to do about what is wrong."""

import sys
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from webchat import embedded
from webchat.doctor import Finding, examine

MARKS = {"ok": "OK", "note": "note", "problem": "PROBLEM"}


class Command(BaseCommand):
    help = "Look at everything that the chat needs; exit code 1 if something is wrong."
    requires_system_checks = ()  # what they find is told among the rest

    def handle(self, **options: Any) -> None:
        with ExitStack() as stack:
            findings = self._database(stack) + examine()
        for finding in findings:
            self._say(finding)
        wrong = sum(finding.state == "problem" for finding in findings)
        if wrong:
            self.stdout.write(f"{wrong} {'problem' if wrong == 1 else 'problems'}.")
            sys.exit(1)
        self.stdout.write("Nothing is wrong.")

    def _database(self, stack: ExitStack) -> list[Finding]:
        """The embedded one, for as long as we look; what keeps it from starting is a finding too."""
        if settings.DATABASE_URL:
            return []
        try:
            stack.enter_context(embedded.running(settings.DATA_DIR))
        except embedded.DatabaseProblem as trouble:
            return [Finding("Database", "problem", str(trouble))]
        # On a new DATA_DIR its password was made only now.
        connection.settings_dict.update(embedded.database_settings(settings.DATA_DIR))
        return []

    def _say(self, finding: Finding) -> None:
        sentences = f"{finding.says} {finding.advice}".strip()
        self.stdout.write(f"{MARKS[finding.state]:<7}  {finding.subject}: {sentences}")
