"""The account pages that are ours. They come before allauth's, and take three of its addresses."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.views import entrance, groups, invitations, people, profile, spend, usage, workspace

to_profile = RedirectView.as_view(pattern_name="profile")

urlpatterns = [
    path("invitations/<str:token>", invitations.page, name="invitation"),
    path("settings/", to_profile),
    path("settings/profile", profile.profile, name="profile"),
    path("settings/profile/sign-out", profile.sign_out_everywhere, name="sign-out-everywhere"),
    path("settings/profile/delete", profile.delete_account, name="delete-account"),
    path("settings/usage", usage.usage, name="usage"),
    path("admin/people/", people.listing, name="people"),
    path("admin/people/invite/", people.invite, name="invite"),
    path(
        "admin/people/invitations/<uuid:invitation_id>/withdraw/",
        people.withdraw,
        name="withdraw-invitation",
    ),
    path("admin/people/<uuid:person_id>/<slug:action>/", people.act, name="person-action"),
    path("admin/spend/", spend.page, name="spend"),
    path("admin/workspace/", workspace.page, name="workspace"),
    path("admin/workspace/undo/<int:change_id>/", workspace.undo, name="undo-change"),
    path("admin/groups/", workspace.create_group, name="create-group"),
    path("admin/groups/<uuid:group_id>/", groups.page, name="group"),
    path("admin/groups/<uuid:group_id>/<slug:action>/", groups.act, name="group-action"),
    path("accounts/login/", entrance.sign_in),
    # A second, unverified address could be anybody's; and a password is changed, never set.
    path("accounts/email/", to_profile),
    path("accounts/password/set/", RedirectView.as_view(pattern_name="account_change_password")),
]
