"""What a person is told of stale text: the values that moved, each once, what weighs most first."""

from apps.narratives.domain.currency.compare import REASONS, CurrencyState, Moved, Reason, ReasonKind, compare, told_of
from apps.narratives.domain.currency.moves import Moves, moves_of, told
from apps.studies.domain.changes import Operation, RecordChange
from tests.narratives.building import Rows, changed, death_rows, relation, result, seizure_rows, without
from tests.narratives.domain.drafting import facts_of, text_of


def moves_between(before: Rows, after: Rows) -> Moves:
    """What moved from some rows to others, as changes that are about to be written tell it."""
    changes = []
    for record in before.keys() | after.keys():
        domain = (before.get(record) or after[record])[0]
        was, now = (rows[record][1] if record in rows else None for rows in (before, after))
        if now is None:
            changes.append(RecordChange(Operation.WITHDRAW, record, domain, was or {}))
        elif was != now:
            operation = Operation.INSERT if was is None else Operation.UPDATE
            changes.append(RecordChange(operation, record, domain, now, was))
    return moves_of(changes)


def told_for(before: Rows, after: Rows) -> tuple[CurrencyState, list[Reason]]:
    """State and the reasons that are told."""
    old, new = facts_of(before), facts_of(after)
    report = told(compare(old, text_of(before), new), old, new, moves_between(before, after))
    return report.currency, [reason for reason in report.reasons if not reason.follows]


def without_relations(rows: Rows) -> Rows:
    return {record: row for record, row in rows.items() if row[0] != "RELREC"}


def in_brief(reasons: list[Reason]) -> list[tuple[str, str, str, str]]:
    return [(reason.kind.value, reason.name, reason.old_text, reason.new_text) for reason in reasons]


def test_changes_that_are_about_to_be_written_say_what_they_move() -> None:
    moves = moves_of(
        [
            RecordChange(Operation.INSERT, "AE/1", "AE", {"AETERM": "RASH", "AESEV": "MILD"}),
            RecordChange(Operation.UPDATE, "AE/2", "AE", {"AETERM": "A", "AESEV": "SEVERE"}, {"AETERM": "A", "X": 1}),
            RecordChange(Operation.WITHDRAW, "AE/3", "AE", {"AETERM": "B"}),
        ]
    )
    assert moves.values == {
        "AE/1": {"AETERM": (None, "RASH"), "AESEV": (None, "MILD")},
        "AE/2": {"AESEV": (None, "SEVERE"), "X": (1, None)},
        "AE/3": {"AETERM": ("B", None)},
    }
    assert moves.withdrawn == {"AE/3"}


def test_a_medication_that_turns_out_to_have_ended_before_names_the_end_and_not_every_detail() -> None:
    """Four facts were called withdrawn, and the end for which they are no longer told was not named."""
    rows = seizure_rows()
    state, reasons = told_for(rows, changed(rows, "CM/1", CMENDTC="2012-07-30"))
    assert state is CurrencyState.STALE_CITED
    assert in_brief(reasons) == [("dropped", "Medication", "ASA", "no longer among the facts")]
    assert reasons[0].moved == (Moved("CM/1", "CMENDTC", None, "2012-07-30"),)
    assert reasons[0].sources == ("CM/1.CMENDTC",)
    (sentence,) = reasons[0].sentences
    assert "ASA" in text_of(rows)[sentence].text


def test_an_end_added_to_a_medication_that_is_cited_counts() -> None:
    rows = seizure_rows()
    state, reasons = told_for(rows, changed(rows, "CM/1", CMENDTC="2013-07-30"))
    assert state is CurrencyState.STALE_OMISSION
    assert in_brief(reasons) == [("omission", "ASA: end", "", "30 Jul 2013")]


def test_a_relation_that_ends_or_begins_is_told_and_nothing_else() -> None:
    """The event it belonged to was told in every detail before and is not afterwards; none of these values moved."""
    rows = seizure_rows()
    state, reasons = told_for(rows, without_relations(rows))
    assert state is CurrencyState.STALE_CITED
    assert in_brief(reasons) == [
        ("cited", "Event related to the discontinuation", "APPLICATION SITE IRRITATION", "not recorded")
    ]
    more = {**without_relations(rows), **relation("R1", "AE/2", "AE/3", "AE/4", "DS/1")}
    state, reasons = told_for(rows, more)
    assert state is CurrencyState.STALE_OMISSION
    assert in_brief(reasons) == [("omission", "Event related to the discontinuation", "", "HALLUCINATION, VISUAL")]


def test_what_follows_is_kept_and_marked() -> None:
    rows = seizure_rows()
    old, new = facts_of(rows), facts_of(without_relations(rows))
    report = told(compare(old, text_of(rows), new), old, new, moves_between(rows, without_relations(rows)))
    stored = REASONS.read_all(REASONS.write_all(report.reasons))
    assert [reason.name for reason in told_of(stored)] == ["Event related to the discontinuation"]
    assert any(reason.follows for reason in stored)
    assert stored == report.reasons


def test_a_withdrawn_record_is_one_reason_with_every_sentence_that_told_of_it() -> None:
    rows = seizure_rows()
    _, reasons = told_for(rows, without(rows, "AE/1"))
    gone = next(reason for reason in reasons if reason.kind is ReasonKind.WITHDRAWN)
    assert (gone.name, gone.old_text) == ("Event", "Partial seizures with secondary generalisation")
    assert len(gone.sentences) > 3
    assert sum(reason.kind is ReasonKind.WITHDRAWN for reason in reasons) == 1


def test_a_fact_that_is_gone_for_a_value_that_is_told_follows_from_it() -> None:
    rows = seizure_rows()
    _, reasons = told_for(rows, changed(rows, "AE/1", AEOUT="FATAL", AEENDTC=None))
    names = [reason.name for reason in reasons]
    assert "Partial seizures with secondary generalisation: outcome" in names
    assert not any(name.endswith(("duration", "study day of end")) for name in names)


def test_a_death_comes_before_an_outcome_and_an_outcome_before_a_causality() -> None:
    rows = seizure_rows()
    after = changed(rows, "AE/1", AEREL="POSSIBLE", AEOUT="FATAL", AEENDTC="2013-06-07")
    after = changed(after, "DM/1", DTHFL="Y", DTHDTC="2013-06-07", AGE=70)
    _, reasons = told_for(rows, after)
    names = [reason.name.rpartition(": ")[2] for reason in reasons]
    order = [names.index(name) for name in ("Death", "outcome", "investigator's opinion on causality", "end")]
    assert order == sorted(order)
    assert names.index("Age") > names.index("investigator's opinion on causality")


def test_where_nothing_is_known_to_have_moved_every_reason_is_told() -> None:
    rows = seizure_rows()
    old, new = facts_of(rows), facts_of(changed(rows, "CM/1", CMENDTC="2012-07-30"))
    report = told(compare(old, text_of(rows), new), old, new, Moves({}))
    assert [reason.follows for reason in report.reasons] == [False] * 4


def test_a_new_thing_is_told_with_its_values_and_its_name_but_once() -> None:
    rows = seizure_rows()
    raised = {"LB/9": ("LB", result("BILI", "Bilirubin", 160, "umol/L", 3, 21, "HIGH") | {"LBDTC": "2013-05-29T10:05"})}
    _, reasons = told_for(rows, {**rows, **raised})
    assert in_brief(reasons) == [("omission", "Bilirubin", "", "160\xa0µmol/L, 7.62 × ULN")]
    _, reasons = told_for(without(rows, "AE/4"), rows)
    account = "Hallucination, visual, moderate, recovered, 02 Jun 2013"
    assert in_brief(reasons) == [("omission", "Other event", "", account)]


def test_a_limit_that_a_result_breaks_counts_whatever_its_flag_says() -> None:
    rows = seizure_rows()
    for limit in ({"LBSTNRHI": 130}, {"LBSTNRLO": 140}):
        state, reasons = told_for(rows, changed(rows, "LB/3", **limit))
        assert state is CurrencyState.STALE_OMISSION
        assert [(reason.name, reason.new_text) for reason in reasons] == [("Sodium", "136\xa0mmol/L")]


def test_a_changed_time_of_day_shows_what_changed() -> None:
    """The banner said `02 Jun 2013 -> 02 Jun 2013`."""
    timed = changed(seizure_rows(), "AE/1", AESTDTC="2013-06-02T08:40")
    _, reasons = told_for(timed, changed(timed, "AE/1", AESTDTC="2013-06-02T10:00"))
    onset = next(reason for reason in reasons if reason.name.endswith("onset"))
    assert (onset.old_text, onset.new_text) == ("02 Jun 2013, 08:40", "02 Jun 2013, 10:00")
    _, reasons = told_for(seizure_rows(), timed)
    onset = next(reason for reason in reasons if reason.name.endswith("onset"))
    assert (onset.old_text, onset.new_text) == ("02 Jun 2013, no time of day", "02 Jun 2013, 08:40")


def test_two_spellings_of_one_word_show_what_was_recorded() -> None:
    possible = changed(seizure_rows(), "AE/1", AEREL="POSSIBLE")
    _, reasons = told_for(possible, changed(possible, "AE/1", AEREL="POSSIBLY RELATED"))
    assert [(reason.old_text, reason.new_text) for reason in reasons] == [("POSSIBLE", "POSSIBLY RELATED")]


def test_codes_and_flags_are_told_in_words() -> None:
    rows = seizure_rows()
    _, reasons = told_for(rows, changed(rows, "AE/1", AEREL="PROBABLE"))
    assert [(reason.old_text, reason.new_text) for reason in reasons] == [("not related", "probable")]
    _, reasons = told_for(rows, changed(rows, "AE/1", AESER="N"))
    assert ("yes", "no") in [(reason.old_text, reason.new_text) for reason in reasons]


def test_what_is_gone_of_the_subject_keeps_its_own_name_and_follows_from_the_value_that_moved() -> None:
    """A contradiction between dates belongs to no event that could lend it a name."""
    rows, later = death_rows(), changed(death_rows(), "DM/1", RFXENDTC="2014-10-30")
    old, new = facts_of(rows), facts_of(later)
    report = told(compare(old, text_of(rows), new), old, new, moves_between(rows, later))
    (gone,) = [reason for reason in report.reasons if reason.kind is ReasonKind.DROPPED]
    assert gone.name == old.by_id[gone.fact_id].name == "Last dose after fatal event"
    assert gone.moved == (Moved("DM/1", "RFXENDTC", "2014-11-01", "2014-10-30"),)
    assert gone.follows
