"""The sign-in page, which on a server without people is the page to sign up."""

from urllib.parse import urlencode

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from accounts.models import User


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and settings.SIGNUP == "open" and not User.objects.exists():
        query = urlencode({"next": request.GET["next"]}) if "next" in request.GET else ""
        return redirect(f"{resolve_url('account_signup')}?{query}".rstrip("?"))
    answer: HttpResponse = views.login(request)
    return answer
