"""The decision on a review: approve and sign, ask for changes, or reject."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.compliance.domain.workflow import Meaning, Step

DECISIONS = [
    (Step.SIGN.value, _("Approve and sign")),
    (Step.REQUEST_CHANGES.value, _("Request changes")),
    (Step.REJECT.value, _("Reject")),
]
MEANINGS = [
    (Meaning.APPROVAL.value, _("Approval")),
    (Meaning.MEDICAL_REVIEW.value, _("Medical review")),
    (Meaning.RESPONSIBILITY.value, _("Responsibility")),
]


class DecisionForm(forms.Form):
    """Signing needs the password again; everything else needs a reason."""

    decision = forms.ChoiceField(choices=DECISIONS, widget=forms.RadioSelect, label=_("Your decision"), initial="sign")
    meaning = forms.ChoiceField(choices=MEANINGS, label=_("Meaning of the signature"))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        required=False,
        strip=False,
        label=_("Your password, again"),
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        label=_("Comment or reason"),
        help_text=_("Needed to request changes or to reject."),
    )
    anchor = forms.IntegerField(required=False, min_value=1, label=_("About sentence number"))
    seen_sha256 = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A signature without a password, or a refusal without a reason, is not a decision."""
        data = super().clean() or {}
        if data.get("decision") == Step.SIGN.value and not data.get("password"):
            self.add_error("password", _("Enter your password to sign."))
        if (
            data.get("decision") in {Step.REQUEST_CHANGES.value, Step.REJECT.value}
            and not data.get("reason", "").strip()
        ):
            self.add_error("reason", _("Say why you ask for changes or reject."))
        return data
