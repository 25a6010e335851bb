"""`manage.py audit_budgets`: every counter of money worked out again; exit code 1 where one has drifted."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.services import audit, spending


class Command(BaseCommand):
    help = "Work out every budget's counters again from holds and ledger; to be run every night."

    def handle(self, **options: Any) -> None:
        swept = spending.sweep()
        drifts = audit.drifts(settings.TIME_ZONE)
        for name, drift in drifts.items():
            self.stdout.write(f"{'OK     ' if drift == 0 else 'DRIFT  '} {name}: {drift:,}")
        self.stdout.write(f"Swept {swept} holds that nobody had settled.")
        if any(drifts.values()):
            sys.exit(1)
