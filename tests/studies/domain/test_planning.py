"""What a cut changes in one subject: matched, counted, with relations resolved last."""

from typing import Any

import pytest

from apps.studies.domain.blinding import OPEN, PRODUCT_RULES, WHOLE, BlindingRules
from apps.studies.domain.changes import Operation
from apps.studies.domain.planning import Cut, Existing, SubjectPlan, plan_subject
from apps.studies.domain.rows import Row

EVENT = {"AESPID": "E1", "AEDECOD": "RASH", "AESTDTC": "2013-05-10", "AESEQ": 1}
LEFT = {"DSSPID": "1", "DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-05-20", "DSSEQ": 1}
RELATION = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "RELID": "R1"}


def rows(*given: tuple[str, dict[str, Any]], targets: tuple[int, ...] = ()) -> list[Row]:
    return [
        Row(domain, "S1", values, f"{domain.lower()}.csv", number + 1, targets if domain == "RELREC" else ())
        for number, (domain, values) in enumerate(given)
    ]


def plan(
    given: list[Row],
    existing: Existing | None = None,
    complete: frozenset[str] = frozenset(),
    rules: BlindingRules | None = PRODUCT_RULES,
) -> SubjectPlan:
    files = {row.file: number for number, row in enumerate(given)}
    cut = Cut(study="P1", file_ids=files, keys={}, secret=b"key", rules=rules)
    return plan_subject("S1", given, existing or Existing({}, {}, {}), cut, complete=complete)


def written(plan: SubjectPlan) -> Existing:
    """The records as they stand after a plan was carried out."""
    live: dict[str, dict[str, Any]] = {}
    for change in plan.changes:
        live.setdefault(change.domain, {})[change.record_id] = change.values
    return Existing(
        live,
        {},
        {change.record_id: change.target for change in plan.changes if change.target},
        {change.record_id: change.concealed for change in plan.changes if change.concealed},
        {change.record_id for change in plan.changes},
    )


def test_a_relation_points_at_the_records_that_its_rows_became() -> None:
    first = plan(rows(("RELREC", RELATION), ("AE", EVENT), ("DS", LEFT), targets=(1,)))
    by_domain = {change.domain: change for change in first.changes}
    assert by_domain["RELREC"].target == by_domain["AE"].record_id


def test_the_same_cut_again_changes_nothing_relations_included() -> None:
    given = rows(("RELREC", RELATION), ("AE", EVENT), ("DS", LEFT), targets=(1,))
    again = plan(given, written(plan(given)), frozenset({"AE", "DS", "RELREC"}))
    assert again.changes == []
    assert {outcome for _, outcome in again.whole.counts} == {"unchanged"}


def test_what_a_whole_cut_no_longer_has_is_withdrawn_and_comes_back_under_its_id() -> None:
    before = written(plan(rows(("AE", EVENT), ("DS", LEFT))))
    gone = plan(rows(("DS", LEFT)), before, frozenset({"AE", "DS"}))
    (withdrawal,) = gone.changes
    assert (withdrawal.operation, withdrawal.domain) == (Operation.WITHDRAW, "AE")
    after = Existing({"DS": before.live["DS"]}, {withdrawal.record_id: withdrawal.values}, {})
    (back,) = plan(rows(("AE", EVENT), ("DS", LEFT)), after).changes
    assert (back.operation, back.record_id) == (Operation.REINSTATE, withdrawal.record_id)


def test_a_row_that_may_be_two_records_is_a_doubt_and_changes_nothing() -> None:
    twins = [{**EVENT, "AESPID": "E1", "AETERM": "A"}, {**EVENT, "AESPID": "E1", "AETERM": "B", "AESEQ": 2}]
    before = written(plan(rows(*[("AE", values) for values in twins])))
    found = plan(rows(("AE", {**EVENT, "AETERM": "C", "AESEQ": 3})), before)
    assert found.changes == []
    assert [(doubt.file, doubt.row) for doubt in found.doubts] == [("ae.csv", 1)]


DOSE = {"EXTRT": "ACTIVE", "EXDOSE": 54, "EXSTDTC": "2013-05-01", "EXSEQ": 1}
PERSON = {"USUBJID": "S1", "SEX": "F", "ARM": "High dose", "ARMCD": "HIGH"}


@pytest.mark.requirement("E6-411")
def test_a_row_of_which_only_treatment_moved_is_unchanged_for_blinded_readers() -> None:
    before = written(plan(rows(("DM", PERSON), ("EX", DOSE))))
    found = plan(rows(("DM", {**PERSON, "ARM": "Placebo"}), ("EX", {**DOSE, "EXDOSE": 0})), before)
    assert found.whole.counts == {("dm.csv", "changed"): 1, ("ex.csv", "changed"): 1}
    assert found.open.counts == {("dm.csv", "unchanged"): 1}
    assert (found.whole.changes, found.open.changes) == (2, 0)


@pytest.mark.requirement("E6-411")
def test_a_hidden_record_that_a_cut_no_longer_has_is_withdrawn_for_nobody_blinded() -> None:
    before = written(plan(rows(("AE", EVENT), ("EX", DOSE))))
    gone = plan(rows(), before, frozenset({"AE", "EX"}))
    assert gone.whole.withdrawn == {"AE": 1, "EX": 1}
    assert +gone.open.withdrawn == {"AE": 1}


def test_a_relation_to_a_hidden_record_is_hidden_with_it() -> None:
    result = {"LBTESTCD": "DRUGX", "LBTEST": "Drug concentration", "LBSEQ": 1}
    relation = {"RDOMAIN": "LB", "IDVAR": "LBSEQ", "IDVARVAL": "1", "RELID": "R1"}
    found = plan(rows(("RELREC", relation), ("LB", result), targets=(1,)))
    assert {change.domain: change.concealed for change in found.changes} == {"LB": WHOLE, "RELREC": WHOLE}
    assert found.open.changes == 0


def test_the_cut_of_a_blinded_person_is_all_open() -> None:
    found = plan(rows(("AE", {**EVENT, "AEACNOTH": "dose halved"})), rules=None)
    assert [change.concealed for change in found.changes] == [OPEN]
