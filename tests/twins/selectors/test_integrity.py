"""The rebuild that a verification makes hides what the ledger hides: by the product's rules and by the study's own."""

import zlib
from collections.abc import Callable

import orjson
import pytest

from apps.accounts.domain.roles import Role
from apps.studies.models import RuleKind, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.integrity import LedgerCheck
from apps.studies.services.blinding import add_rule
from apps.twins.models import TwinSnapshot
from apps.twins.selectors.integrity import TwinCheck
from tests.architecture.portal import run_waiting
from tests.factories import StudyFactory, person, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10a")]
RESCUE = {"CMTRT": "ZOLPAXIN", "CMSTDTC": "2013-05-02"}
RESULT = {"LBTESTCD": "ALT", "LBSTRESN": 500, "LBSTNRHI": 40, "LBDTC": "2013-05-02"}


@pytest.fixture
def subject() -> Subject:
    study: Study = StudyFactory(code="TRIAL-1")
    return treated_subject(study, subject_id="01-701-1015")


def hide(study: Study, kind: RuleKind, name: str) -> None:
    monitor = person(Role.UNBLINDED_MONITOR, study)
    add_rule(principal=principal_of(monitor), user=monitor, study=study, kind=kind, name=name, reason="It tells")
    run_waiting()


def broken(subject: Subject) -> list[str]:
    subject.refresh_from_db()
    ledger, twin = LedgerCheck(subject.study, subject), TwinCheck(subject)
    for step in ledger.steps():
        twin.see(step.change_set, step.changes)
    twin.end()
    return [found.words for found in [*ledger.breaks, *twin.breaks]]


RULES: dict[str, tuple[RuleKind, str]] = {
    "a word in the name of a medication": (RuleKind.WORD, "zolpaxin"),
    "a variable of medications": (RuleKind.VARIABLE, "CM.CMTRT"),
    "a test": (RuleKind.TEST, "LB.ALT"),
    "a word in an event": (RuleKind.WORD, "seizure"),
    "a variable that makes an event serious": (RuleKind.VARIABLE, "AE.AESER"),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", RULES)
def test_what_a_rule_of_the_study_hides_breaks_nothing(subject: Subject, name: str, when: str) -> None:
    acts: list[Callable[[], object]] = [
        lambda: hide(subject.study, *RULES[name]),
        lambda: write(subject, ("CM", RESCUE), ("LB", RESULT), ("AE", {"AESPID": "E02", "AETERM": "SEIZURE"})),
    ]
    for act in acts if when == "before" else reversed(acts):
        act()
    assert broken(subject) == []


@pytest.mark.parametrize(("domain", "hidden"), [("AE", "AETERM"), ("AE", "*"), ("EX", "")])
def test_a_snapshot_that_hides_other_values_than_the_ledger_is_named(
    subject: Subject, domain: str, hidden: str
) -> None:
    """The line in lists is made of what a snapshot says is open."""
    write(subject, ("EX", {"EXTRT": "MARKER-DRUG", "EXSTDTC": "2013-04-26"}))
    for number in range(24):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": str(number)}))
    snapshot = TwinSnapshot.objects.get(audience="unblinded")
    assert broken(subject) == []
    rows = orjson.loads(zlib.decompress(bytes(snapshot.payload)))
    forged = [[*row[:4], hidden] if row[1] == domain else row for row in rows]
    TwinSnapshot.objects.filter(pk=snapshot.pk).update(payload=zlib.compress(orjson.dumps(forged)))
    assert broken(subject) == ["A snapshot for unblinded readers is not what a rebuild gives."]
