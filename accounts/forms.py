"""The forms of the account pages. allauth's own where they are enough."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.errors import InvitationGone
from accounts.http import invitation_of, next_of
from accounts.models import Digest, User, refuse_invisible
from accounts.services import invitations

EMAIL_LENGTH = 254
DIGESTS = [
    (Digest.NEVER, "Never"),
    (Digest.HOURLY, "At most every hour"),
    (Digest.DAILY, "At most once a day"),
]


class NameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "Name")
        super().__init__(max_length=100, validators=[refuse_invisible], **options)
        self.widget.attrs["autocomplete"] = "name"


class InOurWords:
    """`labels` replaces those of allauth, and an empty field is named in its error."""

    labels: dict[str, str] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.error_messages["required"] = f"{field.label} is missing."


class SignInForm(InOurWords, LoginForm):
    labels = {"remember": "Keep me signed in on this device"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].initial = True


class NewPasswordForm(InOurWords, ChangePasswordForm):
    labels = {
        "oldpassword": "Current password",
        "password1": "New password",
        "password2": "New password again",
    }


class ForgottenPasswordForm(InOurWords, ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": "New password again"}


class SignUpForm(InOurWords, SignupForm):
    """By the link of an invitation the address is the one that was invited."""

    labels = {"password2": "Password again"}
    field_order = ["name", "email", "password1", "password2"]
    name = NameField(help_text="How colleagues see you.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget.attrs["autocomplete"] = "username"
        # allauth would cut a longer address off, and the rest is somebody else's.
        self.fields["email"].validators.append(MaxLengthValidator(EMAIL_LENGTH))
        self.invitation = invitation_of(get_adapter().request)
        if self.invitation:
            self.initial["email"] = self.invitation.email
            self.fields["email"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self._refuse_password_like_name()
        return cleaned

    def _refuse_password_like_name(self) -> None:
        name, password = self.cleaned_data.get("name"), self.cleaned_data.get("password1")
        if name and password and not self.has_error("password1"):
            try:
                validate_password(password, User(name=name))
            except forms.ValidationError as error:
                self.add_error("password1", error)

    def save(self, request: HttpRequest) -> User:
        """One transaction: the lock of the first admin holds until the person is complete, and an invitation that
        somebody else has accepted meanwhile lets nobody in."""
        with transaction.atomic():
            saved: User = super().save(request)
            if self.invitation:
                invitations.claim(self.invitation, by=saved, how="sign-up")
        if saved.has_verified_email():
            invitations.claim_verified(saved, saved.email)
        return saved

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """Of two sign-ups with one address at one moment, the second goes to sign in; of two by one invitation, to
        the page that says what has become of it."""
        try:
            result: tuple[User | None, HttpResponseBase | None] = super().try_save(request)
        except IntegrityError:
            return None, redirect("account_login")
        except InvitationGone:
            return None, redirect(next_of(request))
        return result


class ProfileForm(InOurWords, forms.Form):
    """What is left out stays as it is."""

    name = NameField()
    digest = forms.ChoiceField(label="Mail what I have not read", choices=DIGESTS, required=False)


class DeleteAccountForm(InOurWords, forms.Form):
    """`user` is the one who asks. The attempts are limited like those of signing in."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    understood = forms.BooleanField(label="I understand that this cannot be undone")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        self.user = user
        super().__init__(*args, **options)
        self.fields["understood"].error_messages["required"] = "Tick this to go on."

    def clean_password(self) -> str:
        adapter, password = get_adapter(), str(self.cleaned_data["password"])
        found = adapter.authenticate(adapter.request, email=self.user.email, password=password)
        if found != self.user:
            raise adapter.validation_error("incorrect_password")
        return password
