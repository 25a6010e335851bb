"""A page that holds one <answer-prose> and nothing else, under the product's own content security policy.

It needs no database and no Django: what a model writes is drawn in the browser alone."""

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from tests.browser.screens import ROOT

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PUBLISHED = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["published"]
POLICY = (
    "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "script-src 'nonce-{nonce}' 'strict-dynamic'; script-src-attr 'none'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'"
)
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Prose</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/mark.svg"><link rel="stylesheet" href="/static/css/app.css">
<link rel="stylesheet" href="/static/vendor/noto-sans-kr/index.css">
<script type="importmap" nonce="{nonce}">{imports}</script>
<script type="module" nonce="{nonce}" src="/harness.js"></script></head>
<body><svg hidden><symbol id="icon-copy" viewBox="0 0 24 24" fill="none" stroke="currentColor">
<rect width="14" height="14" x="8" y="8" rx="2"/>
<path d="M4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2"/></symbol></svg>
{space}<main class="column"><h1 class="hidden-visually">Prose</h1><div class="thread"><article class="turn"><span></span>
<h2 class="turn-head">Gemini said</h2><answer-prose class="prose" dir="auto"></answer-prose></article></div></main></body></html>"""
SCRIPT = """import "elements/answer-prose.js"
window.alerts = []
for (const name of ["alert", "confirm", "prompt", "open"]) window[name] = (text) => void alerts.push(`${name} ${text}`)
window.blocked = []
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => blocked.push(`${effectiveDirective} ${blockedURI}`))
window.prose = document.querySelector("answer-prose")
window.frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
"""


def imports() -> dict[str, str]:
    """The product's import map, straight from the files."""
    own = (
        path.relative_to(ROOT / "static/js").as_posix()
        for path in (ROOT / "static/js").rglob("*.js")
    )
    npm = {name: f"/npm/{path}" for name, path in PUBLISHED["modules"].items()}
    return {name: f"/static/js/{name}" for name in own} | npm


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/":
            self._page()
        elif path == "/harness.js":
            self._send(SCRIPT.encode(), "text/javascript")
        else:
            self._file(path)

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        page = (
            SHELL.replace("{space}", "<br>" * 15)
            .replace("{imports}", json.dumps({"imports": imports()}))
            .replace("{nonce}", nonce)
        )
        self._send(page.encode(), "text/html; charset=utf-8", POLICY.replace("{nonce}", nonce))

    def _file(self, path: str) -> None:
        file = found(path)
        if file is None:
            self.send_error(404)
        else:
            kind = TYPES.get(file.suffix.replace(".mjs", ".js"), "application/octet-stream")
            self._send(file.read_bytes(), kind)

    def _send(self, body: bytes, kind: str, policy: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def found(path: str) -> Path | None:
    """The file behind an address of the harness, or None."""
    name = path.removeprefix("/static/")
    places = [ROOT / "static" / name, ROOT / "node_modules" / path.removeprefix("/npm/")]
    for published, source in PUBLISHED["files"].items():
        folder = published.removesuffix("*")
        if name == published or (folder != published and name.startswith(folder)):
            places.append(ROOT / "node_modules" / Path(source).parent / Path(name).name)
    return next((place for place in places if place.is_file()), None)


class Harness:
    """`with Harness() as site: site.url`"""

    def __enter__(self) -> "Harness":
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
