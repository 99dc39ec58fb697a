"""Forms of the room: the files of an import and why, why again before anything is written, and a rule of blinding."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.studies.domain.readers.encodings import NAMED
from apps.studies.models import RuleKind

REASON_LABEL = _("Reason for this import")
REASON_HELP = _("Kept in the audit trail, such as “Weekly transfer 32 from the EDC”.")
REASON_MISSING = _("Say why the data are imported.")


RULE_KINDS = [
    (RuleKind.VARIABLE.value, _("Hide a variable")),
    (RuleKind.TEST.value, _("Hide a test")),
    (RuleKind.WORD.value, _("Hide text that holds a word")),
    (RuleKind.OPENED.value, _("Show a variable that a word hides")),
]


class ManyFilesInput(forms.ClearableFileInput):
    """A file control that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files as one list; each is checked as a single one would be."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The files, or ValidationError where none was chosen or one is empty."""
        given: list[Any] = list(data) if isinstance(data, list | tuple) else [data]
        # An empty list is checked as no file, or it would pass as a list without faults.
        return [super(ManyFilesField, self).clean(one, initial) for one in given or [None]]


class UploadForm(forms.Form):
    """The files of one data cut and the reason to bring them in."""

    data_files = ManyFilesField(
        label=_("Files of one data cut"),
        help_text=_(
            "XPT, Parquet, CSV with SDTM headers, Define-XML, each also as .gz, or one zip of them; 500 MB together."
        ),
        widget=ManyFilesInput(attrs={"class": "drop"}),
        error_messages={"required": _("Choose at least one file.")},
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of text that is not UTF-8"),
        help_text=_(
            "Choose one where a check said that it does not know it; what was assumed is told beside each file."
        ),
        choices=[("", _("Found out by the portal")), *NAMED.items()],
        required=False,
    )
    reason = forms.CharField(
        label=REASON_LABEL, help_text=REASON_HELP, max_length=2000, error_messages={"required": REASON_MISSING}
    )


class ConfirmForm(forms.Form):
    """The reason, once the check has been read."""

    reason = forms.CharField(
        label=REASON_LABEL, help_text=REASON_HELP, max_length=2000, error_messages={"required": REASON_MISSING}
    )


class RuleForm(forms.Form):
    """One more thing to hide, or to show; the reason is asked for when it is made."""

    kind = forms.ChoiceField(choices=RULE_KINDS, label=_("What to do"))
    name = forms.CharField(
        label=_("Variable, test or word"),
        help_text=_("A variable such as FA.FAORRES, a test such as LB.DRUGX, or a name such as the code of the drug."),
        max_length=200,
    )
    # Looking at what a rule reaches takes none; the service asks for one when the rule is made.
    reason = forms.CharField(label=_("Reason"), required=False, max_length=2000)
