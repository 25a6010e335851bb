"""The forms of the staff pages Workspace and Groups."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.forms import InOurWords
from accounts.models import Group, Workspace, refuse_invisible
from accounts.models.budget import Period
from accounts.models.workspace import NAME_LENGTH, PROMPT_LENGTH
from accounts.services import workspace
from accounts.services.budgets import MOST, Limit

MICRO = 1_000_000
LONGEST_DAYS = 3650


class WorkspaceForm(InOurWords, forms.Form):
    name = forms.CharField(label="Name", max_length=NAME_LENGTH, validators=[refuse_invisible])
    allowed_models = forms.MultipleChoiceField(
        label="Models that may be asked", widget=forms.CheckboxSelectMultiple
    )
    default_model = forms.ChoiceField(label="New chats begin with")
    system_prompt = forms.CharField(
        label="System prompt of new chats",
        max_length=PROMPT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    public_links = forms.BooleanField(label="Links that open for anyone", required=False)
    longest_link_days = forms.IntegerField(
        label="Longest life of a link, in days",
        required=False,
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    link_password_required = forms.BooleanField(label="Every link needs a password", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in ("allowed_models", "default_model"):
            self.fields[field].choices = workspace.offered().names.items()  # type: ignore[attr-defined]
        self.fields["allowed_models"].error_messages["required"] = "Leave at least one."

    @classmethod
    def of(cls, row: Workspace) -> "WorkspaceForm":
        kept = {name: getattr(row, name) for name in workspace.FIELDS}
        standing = {
            "allowed_models": workspace.models(),
            "default_model": workspace.default_model(),
        }
        return cls(initial=kept | standing)

    def clean_allowed_models(self) -> list[str]:
        """All of them is no restriction: then models to come are allowed too."""
        ticked: list[str] = self.cleaned_data["allowed_models"]
        return [] if len(ticked) == len(workspace.offered().names) else ticked

    def clean_system_prompt(self) -> str:
        """As a person typed it in, without what the browser makes of line ends."""
        return str(self.cleaned_data["system_prompt"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        allowed, chosen = cleaned.get("allowed_models"), cleaned.get("default_model")
        if allowed and chosen and chosen not in allowed:
            self.add_error("default_model", "Choose one of the models that may be asked.")
        return cleaned


class GroupForm(InOurWords, forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=Group._meta.get_field("name").max_length,  # noqa: SLF001
        validators=[refuse_invisible],
    )


class LimitForm(InOurWords, forms.Form):
    """`none` names what holds without a limit of the group's own."""

    period = forms.ChoiceField(label="Counted", required=False)
    dollars = forms.DecimalField(
        label="Dollars", required=False, min_value=0, max_value=MOST // MICRO, decimal_places=6
    )
    tokens = forms.IntegerField(label="Tokens", required=False, min_value=0, max_value=MOST)
    reason = forms.CharField(label="Reason", required=False, max_length=500)

    def __init__(self, *args: Any, none: str, **options: Any) -> None:
        super().__init__(*args, **options)
        periods = [(value, label.capitalize()) for value, label in Period.choices]
        self.fields["period"].choices = [("", none), *periods]  # type: ignore[attr-defined]
        for name in ("dollars", "tokens"):
            self.fields[name].widget = forms.TextInput(
                attrs={"inputmode": "decimal", "autocomplete": "off"}
            )

    @classmethod
    def of(cls, rule: dict[str, Any] | None, *, none: str, prefix: str) -> "LimitForm":
        return cls(none=none, prefix=prefix, initial=_initial(rule) if rule else {})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        amounts = {cleaned.get("dollars"), cleaned.get("tokens")} - {None}
        if amounts and not cleaned.get("period"):
            self.add_error("period", "Choose over which time this is counted.")
        return cleaned

    def limit(self) -> Limit | None:
        given = self.cleaned_data
        if not given["period"]:
            return None
        dollars = given["dollars"]
        micro_usd = None if dollars is None else int(dollars * MICRO)
        return Limit(given["period"], given["tokens"], micro_usd)


def _initial(rule: dict[str, Any]) -> dict[str, Any]:
    micro_usd = rule["limit_micro_usd"]
    dollars = None if micro_usd is None else (Decimal(micro_usd) / MICRO).normalize()
    return {
        "period": rule["period"],
        "dollars": None if dollars is None else f"{dollars:f}",
        "tokens": rule["limit_tokens"],
    }
