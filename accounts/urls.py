"""The account pages that are ours. They come before allauth's, and take three of its addresses."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import entrance, people, profile

to_profile = RedirectView.as_view(pattern_name="profile")

urlpatterns = [
    path("settings/", to_profile),
    path("settings/profile", profile.profile, name="profile"),
    path("settings/profile/sign-out", profile.sign_out_everywhere, name="sign-out-everywhere"),
    path("settings/profile/delete", profile.delete_account, name="delete-account"),
    path("admin/people/", people.listing, name="people"),
    path("admin/people/<uuid:person_id>/<slug:action>/", people.act, name="person-action"),
    path("accounts/login/", entrance.sign_in),
    # A second, unverified address could be anybody's; and a password is changed, never set.
    path("accounts/email/", to_profile),
    path("accounts/password/set/", RedirectView.as_view(pattern_name="account_change_password")),
]
