"""The staff page Spending: a shell; its figures come over the API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.http import staff_required


@require_safe
@staff_required
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/spend.html", {"zone": settings.TIME_ZONE})
