"""Django's commands. Those that need PostgreSQL get the embedded one for as long as they run."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext

# The doctor starts it by itself, because what keeps it from starting is a finding.
WITHOUT_DATABASE = {
    "",
    "assets",
    "check",
    "collectstatic",
    "diffsettings",
    "doctor",
    "findstatic",
    "help",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webchat.settings")
    # Without this a plain kill would end us before what we started is stopped.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)


def _run() -> None:
    from webchat.embedded import DatabaseProblem
    from webchat.env import BadSetting

    try:
        with _database(*sys.argv[1:2]):
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except (BadSetting, DatabaseProblem) as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)


def _database(command: str = "") -> AbstractContextManager[None]:
    from webchat import embedded, env

    if command in WITHOUT_DATABASE or command.startswith("-") or env.text("DATABASE_URL"):
        return nullcontext()
    return embedded.running(env.data_dir())


if __name__ == "__main__":
    main()
