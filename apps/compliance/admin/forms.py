"""The decision on a review: approve and sign, ask for changes, or reject; each is sent by a button of its own."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.compliance.domain.workflow import Meaning, Step

DECISIONS = [
    (Step.SIGN.value, _("Approve and sign")),
    (Step.REQUEST_CHANGES.value, _("Request changes")),
    (Step.REJECT.value, _("Reject")),
]
# What a person says by signing, for each meaning (21 CFR 11.50(a)(3)); the page fills in the versions.
MEANINGS: dict[str, Promise] = {
    Meaning.APPROVAL.value: _("Approval: I approve version %(number)s as accurate against twin version %(data)s."),
    Meaning.MEDICAL_REVIEW.value: _(
        "Medical review: I reviewed version %(number)s medically, against twin version %(data)s."
    ),
    Meaning.RESPONSIBILITY.value: _(
        "Responsibility: I take responsibility for version %(number)s, written from twin version %(data)s."
    ),
}


class DecisionForm(forms.Form):
    """Signing needs a meaning and the password again; everything else needs a reason. Nothing is chosen beforehand."""

    decision = forms.ChoiceField(choices=DECISIONS, widget=forms.HiddenInput)
    meaning = forms.ChoiceField(choices=list(MEANINGS.items()), required=False, label=_("Meaning of the signature"))
    # Only a signature asks for it, so that it is required in `clean`; blanks at its ends belong to it.
    password = forms.CharField(required=False, strip=False, label=_("Your password, again"))
    reason = forms.CharField(required=False, label=_("Comment or reason"))
    anchor = forms.IntegerField(required=False, min_value=1, label=_("About sentence number"))
    # The hash of the text on this page: what was put in its place while it was read is not signed.
    seen_sha256 = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A signature without meaning or password, or a refusal without a reason, is not a decision."""
        data = super().clean() or {}
        is_signature = data.get("decision") == Step.SIGN.value
        if is_signature and not data.get("meaning") and "meaning" not in self.errors:
            self.add_error("meaning", _("Choose what your signature means."))
        if is_signature and not data.get("password"):
            self.add_error("password", _("Enter your password to sign."))
        if (
            data.get("decision") in {Step.REQUEST_CHANGES.value, Step.REJECT.value}
            and not data.get("reason", "").strip()
        ):
            self.add_error("reason", _("Say why you ask for changes or reject."))
        return data
