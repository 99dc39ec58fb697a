"""The facts behind a sentence are marked as changed where the text is stale for them, and counted once."""

from typing import Any

import pytest

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.narratives.domain.currency.compare import REASONS, Reason, ReasonKind
from apps.narratives.domain.verifying.report import Verdict, VerificationReport
from apps.narratives.models import Currency, Narrative, NarrativeVersion
from apps.narratives.selectors.content import latest_version
from apps.narratives.selectors.evidence import FactLine, counts_then_and_now, facts_by_sentence
from apps.narratives.services.drafting import start_narrative
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.architecture.portal import run_waiting
from tests.factories import StudyFactory, person, treated_subject, write

ALBUMIN = {
    "LBTESTCD": "ALB", "LBTEST": "Albumin", "LBSTRESN": 30, "LBSTRESU": "g/L", "LBSTNRLO": 35, "LBSTNRHI": 50,
    "LBDTC": "2013-06-03T08:00", "VISITNUM": 3,
}  # fmt: skip
ASA = {
    "CMSPID": "C1", "CMTRT": "ASA", "CMDOSE": 325, "CMDOSU": "mg", "CMDOSFRQ": "QD", "CMSTDTC": "2011",
}  # fmt: skip


@pytest.fixture
def subject() -> Subject:
    found = treated_subject(StudyFactory())
    write(found, ("LB", ALBUMIN), ("CM", ASA))
    return found


@pytest.fixture
def narrative(subject: Subject) -> Narrative:
    author: User = person(Role.SAFETY_AUTHOR, subject.study)
    found = start_narrative(principal=principal_of(author), user=author, subject=subject)
    run_waiting()
    return found


def _marked(narrative: Narrative) -> tuple[NarrativeVersion, list[FactLine]]:
    version = latest_version(narrative)
    assert version is not None
    lines = {line.id: line for lines in facts_by_sentence(version).values() for line in lines if line.is_changed}
    return version, list(lines.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("domain", "values", "currency"),
    [
        ("AE", {"AESPID": "E01", "AEREL": "PROBABLE"}, "stale_cited"),
        ("AE", {"AESPID": "E01", "AESTDTC": "2013-06-02T08:40"}, "stale_cited"),
        ("AE", {"AESPID": "E01", "AEOUT": "Recovered/Resolved"}, "current"),
        ("LB", {**ALBUMIN, "LBSTRESN": 3.0, "LBSTRESU": "g/dL", "LBSTNRLO": 3.5, "LBSTNRHI": 5.0}, "current"),
        ("CM", {"CMSPID": "C1", "CMTRT": "asa"}, "current"),
        ("CM", {"CMSPID": "C1", "CMDOSU": "MG"}, "current"),
        ("CM", {"CMSPID": "C1", "CMDOSE": 81}, "stale_cited"),
    ],
)
def test_a_fact_is_marked_exactly_where_the_text_is_stale_for_it(
    narrative: Narrative, subject: Subject, domain: str, values: dict[str, Any], currency: str
) -> None:
    write(subject, (domain, values))
    run_waiting()
    version, marked = _marked(narrative)
    assert version.currency.value == currency
    reasons = [reason for reason in version.currency.all_reasons if reason.kind is not ReasonKind.OMISSION]
    assert {line.id for line in marked} == {reason.fact_id for reason in reasons}
    assert all(line.then != line.now for line in marked)


def test_what_was_never_supported_is_not_taken_from_what_is() -> None:
    verdicts = (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNSUPPORTED)
    report = VerificationReport("", "1", "1", verdicts, (), ())
    version = NarrativeVersion(sentences=[{}, {}, {}], verification=report.as_json())
    version.currency = Currency(reasons=REASONS.write_all([_stale(0, 1), _stale(1, 2)]))
    then, now = counts_then_and_now(version)
    assert (then["supported"], then["contradicted"], then["unsupported"]) == (1, 1, 1)
    assert (now["supported"], now["contradicted"], now["unsupported"]) == (0, 2, 1)


def _stale(*sentences: int) -> Reason:
    return Reason(ReasonKind.CITED, "AE/1.AEOUT", "Outcome", "Y", "N", "yes", "no", sentences, ())
