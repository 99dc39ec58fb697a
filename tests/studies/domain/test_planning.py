"""What a cut changes in one subject: matched, counted, with relations resolved last."""

from typing import Any

from apps.studies.domain.changes import Operation
from apps.studies.domain.planning import Existing, SubjectPlan, plan_subject
from apps.studies.domain.rows import Row

EVENT = {"AESPID": "E1", "AEDECOD": "RASH", "AESTDTC": "2013-05-10", "AESEQ": 1}
LEFT = {"DSSPID": "1", "DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-05-20", "DSSEQ": 1}
RELATION = {"RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "1", "RELID": "R1"}


def rows(*given: tuple[str, dict[str, Any]], targets: tuple[int, ...] = ()) -> list[Row]:
    return [
        Row(domain, "S1", values, f"{domain.lower()}.csv", number + 1, targets if domain == "RELREC" else ())
        for number, (domain, values) in enumerate(given)
    ]


def plan(given: list[Row], existing: Existing | None = None, complete: frozenset[str] = frozenset()) -> SubjectPlan:
    files = {row.file: number for number, row in enumerate(given)}
    return plan_subject("S1", given, existing or Existing({}, {}, {}), complete=complete, file_ids=files, keys={})


def written(plan: SubjectPlan) -> Existing:
    """The records as they stand after a plan was carried out."""
    live: dict[str, dict[str, Any]] = {}
    for change in plan.changes:
        live.setdefault(change.domain, {})[change.record_id] = change.values
    return Existing(live, {}, {change.record_id: change.target for change in plan.changes if change.target})


def test_a_relation_points_at_the_records_that_its_rows_became() -> None:
    first = plan(rows(("RELREC", RELATION), ("AE", EVENT), ("DS", LEFT), targets=(1,)))
    by_domain = {change.domain: change for change in first.changes}
    assert by_domain["RELREC"].target == by_domain["AE"].record_id


def test_the_same_cut_again_changes_nothing_relations_included() -> None:
    given = rows(("RELREC", RELATION), ("AE", EVENT), ("DS", LEFT), targets=(1,))
    again = plan(given, written(plan(given)), frozenset({"AE", "DS", "RELREC"}))
    assert again.changes == []
    assert {outcome for _, outcome in again.counts} == {"unchanged"}


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
