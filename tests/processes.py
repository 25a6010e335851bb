"""`manage.py` as child processes of a test: on the test's folder, with none of the machine's settings."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = ROOT / os.environ.get("TEST_DATA_DIR", "var/test")  # two runs at once need two
START_SECONDS = 40
STOP_SECONDS = 30
READY = re.compile(r"Ready on (http://\S+)")


def setting_names() -> list[str]:
    """Every variable of .env.example."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)


def environment(**settings: str) -> dict[str, str]:
    """For a child: this machine's, none of its settings, the test's folder, then `settings`."""
    ours = {"DATA_DIR": str(DATA_DIR), "DJANGO_SETTINGS_MODULE": "webchat.settings"}
    return os.environ | dict.fromkeys(setting_names(), "") | ours | settings


def manage(*arguments: str, **settings: str) -> str:
    """Run `manage.py` to its end; what it printed. Fails if it fails."""
    result = try_to_manage(*arguments, **settings)
    assert result.returncode == 0, result.stdout
    return result.stdout


def try_to_manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The same, whatever the end; what it printed is in `stdout`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


@dataclass
class Served:
    """One `manage.py serve` and what it has printed."""

    process: subprocess.Popen[bytes]
    log: Path
    database_url: str = ""
    url: str = ""

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self) -> "Served":
        wait_for(
            lambda: READY.search(self.output) or self.process.poll() is not None, START_SECONDS
        )
        found = READY.search(self.output)
        assert found, f"The server did not start:\n{self.output}"
        self.url = found[1]
        wait_for(self._is_ready, START_SECONDS)
        return self

    def _is_ready(self) -> bool:
        return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and wait; its exit code. Killed, with its exit code, after STOP_SECONDS."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        self.process.kill()
        return self.process.wait(STOP_SECONDS)


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    """Until it is true. Fails after `seconds`, so that nothing waits for ever or by hope."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s in vain"
        time.sleep(0.02)


def start_server(**settings: str) -> Served:
    """`manage.py serve` on a free port; not ready yet."""
    folder = DATA_DIR / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(suffix=".log", dir=folder)
    with os.fdopen(descriptor, "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", "0"],
            cwd=ROOT,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Served(process, Path(name), settings.get("DATABASE_URL", ""))
