"""What one record belongs to: its visit, its event or medication, its test, its relation."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from apps.studies.domain.clinical.disposition import DOMAINS_OF_DEATH
from apps.studies.domain.clinical.events import EVENT, group_id, grouping_term
from apps.studies.domain.clinical.laboratory import LIVER_TESTS
from apps.studies.domain.clinical.medications import MEDICATION
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.twins.domain.linking import Touched
from apps.twins.domain.twin import Twin

# domain -> kind of grouping node, variable with the sponsor's id, kind shown in the graph
GROUPED: Mapping[str, tuple[str, str, str]] = {
    "AE": (EVENT, "AESPID", "event"),
    "CM": (MEDICATION, "CMSPID", "medication_course"),
}


def join(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    """Enter a record into everything it belongs to."""
    _join_visit(twin, row)
    _touch_death(twin, row)
    if row.domain == "LB":
        _touch_test(twin, row).add(row.id)
    elif row.domain in GROUPED:
        # An event or a medication that did not take place is none.
        if row.happened:
            _join_group(twin, row, touched)
    elif row.domain == "RELREC":
        touched.relations.add(_relation_of(row))
        twin.indexes.rows_of_relation.setdefault(_relation_of(row), set()).add(row.id)
        for target in row.targets:
            twin.indexes.relations_of.setdefault(target, set()).add(_relation_of(row))
    else:
        _touch_days(twin, row, touched)
    # A relation that came first is drawn once its records are there.
    touched.relations.update(twin.indexes.relations_of.get(row.id, ()))


def leave(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    """Take a record out of everything it belongs to; the node itself stays."""
    _leave_visit(twin, row)
    _touch_death(twin, row)
    if row.domain == "LB":
        _discard(twin.indexes.rows_of_test, row.text("LBTESTCD") or "", row.id)
        _touch_test(twin, row)
    elif row.domain in GROUPED:
        if row.happened:
            _leave_group(twin, row, touched)
    elif row.domain == "RELREC":
        touched.relations.add(_relation_of(row))
        _discard(twin.indexes.rows_of_relation, _relation_of(row), row.id)
    else:
        _touch_days(twin, row, touched)
    touched.relations.update(twin.indexes.relations_of.get(row.id, ()))


def group_of(twin: Twin, row: ClinicalRecord) -> str:
    """Id of the grouping node that an AE or CM row belongs to: that of its sponsor id where all its rows agree."""
    kind, variable, _ = GROUPED[row.domain]
    sponsor_id = row.text(variable)
    terms = twin.indexes.rows_of_sponsor_id.get((row.domain, sponsor_id or ""), {})
    term = grouping_term(row) if sponsor_id and len({*terms.values(), grouping_term(row)}) > 1 else ""
    return group_id(kind, twin.subject_id, sponsor_id, row.id, term)


def _join_visit(twin: Twin, row: ClinicalRecord) -> None:
    number = row.values.get("VISITNUM")
    if number is None:
        return
    if row.domain == "SV":
        twin.indexes.visits.setdefault(number, set()).add(row.id)
        # Rows of a visit may come before the row of SV that names it.
        for member in twin.indexes.rows_of_visit.get(number, ()):
            twin.graph.add_edge(member, row.id, key="DURING")
        return
    twin.indexes.rows_of_visit.setdefault(number, set()).add(row.id)
    for visit in twin.indexes.visits.get(number, ()):
        twin.graph.add_edge(row.id, visit, key="DURING")


def _leave_visit(twin: Twin, row: ClinicalRecord) -> None:
    number = row.values.get("VISITNUM")
    if number is None:
        return
    if row.domain == "SV":
        _discard(twin.indexes.visits, number, row.id)
        members = twin.indexes.rows_of_visit.get(number, ())
        twin.graph.remove_edges_from([(member, row.id, "DURING") for member in members])
        return
    _discard(twin.indexes.rows_of_visit, number, row.id)
    visits = twin.indexes.visits.get(number, ())
    twin.graph.remove_edges_from([(row.id, visit, "DURING") for visit in visits])


def _join_group(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    sponsor_id = row.text(GROUPED[row.domain][1])
    if sponsor_id:
        with _regrouping(twin, row.domain, sponsor_id, touched) as terms:
            terms[row.id] = grouping_term(row)
    _enter_group(twin, row, touched)


@contextmanager
def _regrouping(twin: Twin, domain: str, sponsor_id: str, touched: Touched) -> Iterator[dict[str, str]]:
    """Change which rows have a sponsor id; where they come to agree or to disagree, the others are grouped anew."""
    terms = twin.indexes.rows_of_sponsor_id.setdefault((domain, sponsor_id), {})
    was_split = len(set(terms.values())) > 1
    others = list(terms)
    yield terms
    if was_split != (len(set(terms.values())) > 1):
        for row in twin.rows_by_id(record_id for record_id in others if record_id in terms):
            _exit_group(twin, row, touched)
            _enter_group(twin, row, touched)


def _enter_group(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    _, variable, shown = GROUPED[row.domain]
    group, sponsor_id = group_of(twin, row), row.text(variable)
    twin.indexes.group_of_row[row.id] = group
    twin.graph.add_node(group, kind=shown, domain=None, values={variable: sponsor_id} if sponsor_id else {})
    twin.graph.add_edge(row.id, group, key="PART_OF")
    twin.indexes.rows_of_group.setdefault(group, set()).add(row.id)
    touched.groups.add(group)
    twin.stale_facts.add(group)


def _leave_group(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    _exit_group(twin, row, touched)
    sponsor_id = row.text(GROUPED[row.domain][1])
    if sponsor_id:
        with _regrouping(twin, row.domain, sponsor_id, touched) as terms:
            terms.pop(row.id, None)


def _exit_group(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    group = twin.indexes.group_of_row.pop(row.id)
    twin.graph.remove_edge(row.id, group, key="PART_OF")
    # FOLLOWS ties the rows of one event; a row that leaves the event takes none of them along.
    neighbours = [*twin.graph.out_edges(row.id, keys=True), *twin.graph.in_edges(row.id, keys=True)]
    twin.graph.remove_edges_from([edge for edge in neighbours if edge[2] == "FOLLOWS"])
    _discard(twin.indexes.rows_of_group, group, row.id)
    if group not in twin.indexes.rows_of_group:
        twin.graph.remove_node(group)
    touched.groups.add(group)
    twin.stale_facts.add(group)


def _touch_test(twin: Twin, row: ClinicalRecord) -> set[str]:
    test = row.text("LBTESTCD") or ""
    twin.stale_facts.add(f"LAB/{test}")
    if test in LIVER_TESTS:
        twin.stale_facts.add("LIVER")
    return twin.indexes.rows_of_test.setdefault(test, set())


def _touch_death(twin: Twin, row: ClinicalRecord) -> None:
    """Every record that may say that the subject died reaches what is known of the death."""
    if row.domain in DOMAINS_OF_DEATH:
        twin.stale_facts.add("DEATH")


def _touch_days(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    """A reference date reaches every event's days; a dosing interval reaches every event's dose."""
    if row.domain not in {"DM", "EX"}:
        return
    twin.stale_facts.add("DM")
    twin.stale_facts.update(group for group in twin.indexes.rows_of_group if group.startswith(f"{EVENT}/"))
    # Edges hang on the dosing intervals; on the reference date only days do, which are worked out when asked for.
    touched.all_events = touched.all_events or row.domain == "EX"


def _relation_of(row: ClinicalRecord) -> str:
    return row.text("RELID") or ""


def _discard(index: dict[Any, set[str]], key: object, record_id: str) -> None:
    members = index[key]
    members.discard(record_id)
    if not members:
        del index[key]
