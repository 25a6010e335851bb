"""Chromium against the real server. A page that reports an error to its console, or breaks the content
security policy, fails its test."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import User
from chat.models import Message
from chat.models.states import RUNNING, State
from tests import services
from tests.browser.screens import watched
from tests.services import Served
from tests.tabs import session_for

Visit = Callable[..., Page]
WIDE = {"width": 1280, "height": 860}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Stopped with the last browser test: until then its event loop occupies the thread."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=services.chromium(), args=["--no-sandbox"]
        )
        expect.set_options(timeout=10_000)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(
    browser: Browser, site: Served, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    """`visit(user, "/")`: a page of that person, in a window of its own or beside `tab`.

    `allows`: parts of console errors that the test brings about on purpose."""
    # The browser's event loop is in this thread; the rows that a test makes are nobody else's business.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
    contexts = []
    problems: list[str] = []

    def opened(
        user: User | None = None,
        path: str = "/",
        *,
        tab: Page | None = None,
        allows: tuple[str, ...] = (),
        script: str = "",
        **options: object,
    ) -> Page:
        if tab is None:
            contexts.append(browser.new_context(base_url=site.url, **{"viewport": WIDE, **options}))
        context = tab.context if tab else contexts[-1]
        if user:
            key = session_for(user)
            context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])
        page = watched(context.new_page(), problems, allows)
        if script:
            page.add_init_script(script)
        page.goto(path)
        return page

    yield opened
    found = list(problems)
    for context in contexts:
        context.set_offline(True)  # no last words: the tables are about to be emptied
        context.close()
    services.wait_for(_is_quiet, 20)
    assert found == []


def _is_quiet() -> bool:
    """No answer is being written and no title is on its way: the rows may go."""
    answered = Message.objects.filter(
        status=State.COMPLETED, completion__started_at__isnull=False, conversation__title=""
    )
    running = Message.objects.filter(status__in=RUNNING).exists() or answered.exists()
    return not (running or _somebody_works())


def _somebody_works() -> bool:
    """A query and the emptying of all tables would lock each other out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
        )
        return bool(cursor.fetchone()[0])
