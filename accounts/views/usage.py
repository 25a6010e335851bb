"""Settings > Usage: a shell; its figures come over the API."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@login_required
@ensure_csrf_cookie
def usage(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/usage.html")
