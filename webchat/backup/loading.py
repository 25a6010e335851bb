"""A dump into the database in one transaction: pg_restore writes SQL, psql runs it, and only we say COMMIT.

Not `pg_restore --single-transaction --clean`, which fails where the database has a table that the dump does not know.
"""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from webchat import postgres
from webchat.backup.archive import BackupProblem
from webchat.backup.saving import PRIVATE, blame

CLEAR = "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner;\n"
# Servers before 17 do not know it, and it says what holds anyway.
TOO_NEW = b"SET transaction_timeout = 0;\n"
PREAMBLE = 64 * 1024
Process = subprocess.Popen[bytes]


def load(dump: Path, programs: Path, *, clear: bool) -> None:
    """`clear` drops what is there. Raises BackupProblem, and then the database is as it was."""
    with tempfile.TemporaryFile() as said:
        reader = _pg_restore(programs, dump, said)
        with reader, _psql(programs, said) as writer:
            try:
                is_done = _pour(reader, writer, clear=clear)
            finally:
                reader.terminate()
        if not is_done:
            said.seek(0)
            why = blame(said.read().decode(errors="replace"))
            raise BackupProblem(f"The database could not be loaded and is as it was: {why}")


def _pg_restore(programs: Path, dump: Path, said: IO[bytes]) -> Process:
    command = [str(programs / "pg_restore"), *PRIVATE, "-f", "-", str(dump)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)


def _psql(programs: Path, said: IO[bytes]) -> Process:
    command = [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    return subprocess.Popen(
        command,
        env=postgres.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=said,
    )


def _pour(reader: Process, writer: Process, *, clear: bool) -> bool:
    """COMMIT comes only after pg_restore has ended well: an input that just ends is rolled back."""
    source, sink = cast("IO[bytes]", reader.stdout), cast("IO[bytes]", writer.stdin)
    with suppress(BrokenPipeError), sink:  # psql may have given up; it says why
        sink.write(b"BEGIN;\n" + (CLEAR.encode() if clear else b""))
        sink.write(source.read(PREAMBLE).replace(TOO_NEW, b"", 1))
        shutil.copyfileobj(source, sink)
        is_whole = reader.wait() == 0
        sink.write(b"COMMIT;\n" if is_whole else b"")
        sink.flush()
        sink.close()
        return is_whole and writer.wait() == 0
    return False
