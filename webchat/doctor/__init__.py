"""Looks at everything that a running chat needs and says what to do about what is wrong.

`examine` is for `manage.py doctor` and for the page /admin/status/. Nothing here raises, hangs or shows a secret.
"""

from webchat.doctor.examination import DEADLINE_SECONDS, examine
from webchat.doctor.finding import Finding

__all__ = ["DEADLINE_SECONDS", "Finding", "examine"]
