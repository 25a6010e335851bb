"""The pages on which share links are looked after: one's own, and for staff everybody's with the audit trail.

Shells; the links come over the API.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.http import staff_required
from accounts.services import trail_lines

_LONGEST_NUMBER = 18


@require_safe
@login_required
@ensure_csrf_cookie
def own(request: HttpRequest) -> HttpResponse:
    return render(request, "chat/links.html")


@require_safe
@staff_required
@ensure_csrf_cookie
def everybodys(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    is_number = before.isascii() and before.isdecimal() and len(before) <= _LONGEST_NUMBER
    lines, older = trail_lines.page(before=int(before) if is_number else None)
    about = {"trail": lines, "older": older, "is_later_page": is_number}
    return render(request, "chat/admin_links.html", about)
