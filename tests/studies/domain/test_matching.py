"""Identity: the same record is found again in another cut, and what is doubtful is not guessed."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.ladders import TARGET_IDS, ladder_of
from apps.studies.domain.matching import MatchKind, MatchResult, match_rows, new_record_id
from apps.studies.domain.variables import Value

Values = dict[str, Value]


def ids_of(result: MatchResult) -> list[str | None]:
    return [match.record_id for match in result.matches]


def event(spid: str | None = "E01", term: str = "HEADACHE", start: str = "2013-01-01", **more: Value) -> Values:
    values: Values = {"DOMAIN": "AE", "USUBJID": "01", "AETERM": term, "AESTDTC": start, "AESEV": "MILD", **more}
    return values if spid is None else {**values, "AESPID": spid}


def sample(test: str = "ALT", when: str = "2013-01-01", visit: int = 4, **more: Value) -> Values:
    return {"LBTESTCD": test, "LBCAT": "CHEMISTRY", "LBDTC": when, "VISITNUM": visit, **more}


def test_equal_rows_are_the_same_record_whatever_their_sequence_number() -> None:
    existing = {"AE/a": event(AESEQ=1), "AE/b": event("E02", "NAUSEA", AESEQ=2)}
    result = match_rows("AE", existing, [event("E02", "NAUSEA", AESEQ=1), event(AESEQ=2)])
    assert ids_of(result) == ["AE/b", "AE/a"]
    assert result.unmatched == ()


def test_identical_rows_pair_off_in_order_of_sequence() -> None:
    existing = {"AE/b": event(AESEQ=2), "AE/a": event(AESEQ=1)}
    result = match_rows("AE", existing, [event(AESEQ=8), event(AESEQ=7), event(AESEQ=9)])
    assert ids_of(result) == ["AE/b", "AE/a", None]
    assert result.matches[2].kind is MatchKind.NEW


def test_a_corrected_onset_date_stays_the_same_event() -> None:
    result = match_rows("AE", {"AE/a": event()}, [event(start="2013-02-02")])
    assert ids_of(result) == ["AE/a"]


def test_a_changed_sponsor_id_is_a_doubt_and_nothing_is_withdrawn() -> None:
    result = match_rows("AE", {"AE/a": event("E01")}, [event("E07", AESEV="SEVERE")])
    assert result.matches[0].kind is MatchKind.AMBIGUOUS
    assert result.matches[0].candidates == ("AE/a",)
    assert "another sponsor identifier" in result.matches[0].reason
    assert result.unmatched == ()


def test_another_event_with_the_same_term_only_is_new_and_the_missing_one_is_unmatched() -> None:
    result = match_rows("AE", {"AE/a": event("E01")}, [event("E07", start="2014-05-05")])
    assert result.matches[0].kind is MatchKind.NEW
    assert result.unmatched == ("AE/a",)


def test_a_second_row_of_an_event_in_a_cut_is_new() -> None:
    first, second = event(), event(start="2013-01-09", AESEV="SEVERE")
    result = match_rows("AE", {"AE/a": first}, [{**first, "AEENDTC": "2013-01-08"}, second])
    assert ids_of(result) == ["AE/a", None]


def test_rows_of_one_event_are_told_apart_by_best_agreement() -> None:
    more: list[Values] = [{"AEREL": "NONE", "AEOUT": "RECOVERED", "AEDTC": "2013-02-01"}, {"AEREL": "PROBABLE"}]
    existing = {"AE/a": event(**more[0]), "AE/b": event(start="2013-03-01", AEOUT="FATAL", **more[1])}
    incoming = [
        event(start="2013-03-03", AESEV="SEVERE", AEOUT="FATAL", **more[1]),
        event(start="2013-01-05", AESEV="SEVERE", **more[0]),
    ]
    assert ids_of(match_rows("AE", existing, incoming)) == ["AE/b", "AE/a"]


def test_rows_that_fit_equally_well_are_ambiguous() -> None:
    existing = {"AE/a": event(start="2013-01-01"), "AE/b": event(start="2013-01-02")}
    result = match_rows("AE", existing, [event(start="2013-01-03"), event(start="2013-01-04")])
    assert [match.kind for match in result.matches] == [MatchKind.AMBIGUOUS, MatchKind.AMBIGUOUS]
    assert set(result.matches[0].candidates) == {"AE/a", "AE/b"}
    assert "2 records" in result.matches[0].reason


def test_a_large_group_is_not_searched_and_left_to_a_person() -> None:
    existing = {f"AE/{n}": event(start=f"2013-01-{n % 28 + 1:02d}", AEDTC=str(2000 + n)) for n in range(40)}
    result = match_rows("AE", existing, [event(start="2014-01-01")])
    assert result.matches[0].kind is MatchKind.AMBIGUOUS
    assert result.unmatched == ()


def test_a_corrected_sample_date_stays_the_same_result_in_a_cut() -> None:
    existing = {"LB/a": sample(LBORRES="20"), "LB/b": sample("AST", LBORRES="30")}
    result = match_rows("LB", existing, [sample(when="2013-01-02", LBORRES="20"), sample("AST", LBORRES="30")])
    assert ids_of(result) == ["LB/a", "LB/b"]


def test_an_update_of_a_few_rows_finds_its_record() -> None:
    existing = {"AE/a": event(), "AE/b": event("E02", "NAUSEA")}
    update: Values = {"AESPID": "E02", "AEOUT": "RECOVERED/RESOLVED"}
    assert ids_of(match_rows("AE", existing, [update], complete=False)) == ["AE/b"]


@pytest.mark.parametrize("change", [{"AESTDTC": "2013-01-03"}, {"AESEV": "SEVERE"}, {"AETERM": "MIGRAINE"}])
def test_an_update_may_correct_one_identifying_value_of_an_event(change: Values) -> None:
    result = match_rows("AE", {"AE/a": event()}, [{**event(), **change}], complete=False)
    assert ids_of(result) == ["AE/a"]


@pytest.mark.parametrize(
    ("domain", "existing", "incoming"),
    [
        ("LB", sample(), sample(when="2013-01-03", LBORRES="99")),
        ("AE", event(None), event(None, start="2013-04-04")),
        ("AE", event(), event(start="2013-01-09", AESEV="SEVERE")),
        ("AE", event("E01"), event("E02")),
        ("CM", {"CMSPID": "1", "CMTRT": "ASPIRIN", "VISITNUM": 1}, {"CMSPID": "1", "CMTRT": "ASPIRIN", "VISITNUM": 2}),
        (
            "DS",
            {"DSCAT": "OTHER EVENT", "DSDECOD": "A", "DSSTDTC": "2013"},
            {"DSCAT": "OTHER EVENT", "DSDECOD": "B", "DSSTDTC": "2013"},
        ),
    ],
)
def test_an_update_that_contradicts_a_record_is_another_record(domain: str, existing: Values, incoming: Values) -> None:
    result = match_rows(domain, {"X/a": existing}, [incoming], complete=False)
    assert result.matches[0].kind is MatchKind.NEW


def test_an_event_without_sponsor_id_may_have_its_severity_corrected() -> None:
    result = match_rows("AE", {"AE/a": event(None)}, [event(None, AESEV="SEVERE")], complete=False)
    assert ids_of(result) == ["AE/a"]


def test_an_update_that_fits_two_records_is_ambiguous() -> None:
    existing = {"AE/a": event(), "AE/b": event(start="2013-01-09", AESEV="SEVERE")}
    update: Values = {"AESPID": "E01", "AEOUT": "RECOVERED/RESOLVED"}
    assert match_rows("AE", existing, [update], complete=False).matches[0].kind is MatchKind.AMBIGUOUS


def test_a_relation_is_known_by_its_target_and_not_by_its_place_in_the_cut() -> None:
    def relation(target: str, sequence: str) -> Values:
        return {"RDOMAIN": "AE", "RELID": "R1", "IDVAR": "AESEQ", "IDVARVAL": sequence, TARGET_IDS: target}

    existing = {"RELREC/a": relation("AE/x", "1"), "RELREC/b": relation("AE/y", "2")}
    result = match_rows("RELREC", existing, [relation("AE/y", "1"), relation("AE/x", "2")])
    assert ids_of(result) == ["RELREC/b", "RELREC/a"]


def test_a_unique_key_of_define_xml_is_one_more_rung() -> None:
    existing: dict[str, Values] = {"XA/a": {"XACODE": "1", "XAVAL": "x"}, "XA/b": {"XACODE": "2", "XAVAL": "y"}}
    incoming: list[Values] = [{"XACODE": "2", "XAVAL": "p"}, {"XACODE": "1", "XAVAL": "q"}]
    assert ids_of(match_rows("XA", existing, incoming)) == [None, None]
    assert ids_of(match_rows("XA", existing, incoming, key=("XACODE",))) == ["XA/b", "XA/a"]
    assert ids_of(match_rows("XA", existing, incoming, key=("XACODE", "XASEQ"))) == [None, None]


def test_a_sequence_number_that_is_no_number_does_not_disturb() -> None:
    twins: dict[str, Values] = {"AE/a": event(AESEQ="first"), "AE/b": event(AESEQ="second")}
    assert ids_of(match_rows("AE", twins, [event(AESEQ=1), event(AESEQ=2)])) == ["AE/a", "AE/b"]


@pytest.mark.parametrize("domain", ["QQ", "XA", "CE", "PR", "TM"])
def test_every_domain_has_a_ladder(domain: str) -> None:
    assert ladder_of(domain).rungs


ROWS: dict[str, Callable[[int, str, str], Values]] = {
    "AE": lambda n, x, y: event(f"E{n:02d}", x, f"2013-01-{n % 28 + 1:02d}", AEOUT=y),
    "LB": lambda n, x, y: sample(x, f"2013-01-{n % 28 + 1:02d}", n, LBORRES=y),
    "CM": lambda n, x, y: {"CMSPID": str(n), "CMTRT": x, "VISITNUM": n, "CMINDC": y},
    "MH": lambda n, x, y: {"MHTERM": f"{x}{n}", "MHCAT": "HISTORY", "MHSEV": y},
    "SV": lambda n, x, y: {"VISITNUM": n, "VISIT": x, "SVSTDTC": f"2013-02-{n % 28 + 1:02d}", "EPOCH": y},
    "EX": lambda n, x, y: {"EXTRT": x, "VISITNUM": n, "EXSTDTC": f"2013-03-{n % 28 + 1:02d}", "EXDOSU": y},
    "DS": lambda n, x, y: {"DSDECOD": f"{x}{n}", "DSCAT": "OTHER EVENT", "DSSTDTC": "2013-05-05", "DSTERM": y},
}
LAST = {"AE": "AEOUT", "LB": "LBORRES", "CM": "CMINDC", "MH": "MHSEV", "SV": "EPOCH", "EX": "EXDOSU", "DS": "DSTERM"}
_WORDS = st.sampled_from(["ALPHA", "BETA", "GAMMA"])


@st.composite
def records(draw: st.DrawFn) -> tuple[str, dict[str, Values], list[str], list[int]]:
    domain = draw(st.sampled_from(sorted(ROWS)))
    numbers = draw(st.lists(st.integers(1, 28), unique=True, min_size=1, max_size=12))
    rows = [{**ROWS[domain](n, draw(_WORDS), draw(_WORDS)), f"{domain}SEQ": n} for n in numbers]
    existing = {f"{domain}/{position}": row for position, row in enumerate(rows)}
    order = draw(st.permutations(list(existing)))
    sequence = draw(st.permutations(range(1, len(order) + 1)))
    return domain, existing, order, sequence


@given(records())
def test_a_set_matches_itself_in_any_order_and_numbering(
    drawn: tuple[str, dict[str, Values], list[str], list[int]],
) -> None:
    domain, existing, order, sequence = drawn
    incoming: list[Values] = [
        {**existing[name], f"{domain}SEQ": number} for name, number in zip(order, sequence, strict=True)
    ]
    result = match_rows(domain, existing, incoming)
    assert ids_of(result) == order
    assert result.unmatched == ()


@given(records(), st.data())
def test_a_row_keeps_its_id_when_one_other_value_changes(
    drawn: tuple[str, dict[str, Values], list[str], list[int]], data: Any
) -> None:
    domain, existing, order, _ = drawn
    incoming = [dict(existing[name]) for name in order]
    changed = data.draw(st.sampled_from(incoming))
    changed[LAST[domain]] = "CHANGED"
    assert ids_of(match_rows(domain, existing, incoming)) == order


@given(records())
def test_no_record_is_given_to_two_rows(drawn: tuple[str, dict[str, Values], list[str], list[int]]) -> None:
    domain, existing, order, _ = drawn
    incoming: list[Values] = [{**existing[name], "VISITNUM": 1} for name in order] * 2
    given_ids = [name for name in ids_of(match_rows(domain, existing, incoming)) if name is not None]
    assert len(set(given_ids)) == len(given_ids)


def identified(
    domain: str, subject: str, values: Values, taken: set[str] | None = None, secret: bytes = b"of one installation"
) -> str:
    return new_record_id(domain, "S1", subject, values, taken or set(), secret=secret)


def test_a_record_id_is_short_and_the_same_for_the_same_record() -> None:
    record_id = identified("AE", "01", event(AESEQ=1))
    assert record_id == identified("AE", "01", event(AESEQ=9, AEOUT="FATAL"))
    domain, _, digest = record_id.partition("/")
    assert domain == "AE"
    assert len(digest) == 12
    assert set(digest) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert record_id != identified("AE", "02", event())


def test_records_of_one_natural_key_get_different_ids() -> None:
    first = identified("AE", "01", event())
    second = identified("AE", "01", event(), {first})
    assert second != first
    assert identified("AE", "01", event(), {first, second}) not in {first, second}


@pytest.mark.requirement("E6-411")
def test_nobody_works_out_an_id_without_the_secret_of_the_installation() -> None:
    comment: Values = {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "COREF": "Page 4"}
    assert identified("CO", "01", comment) != identified("CO", "01", comment, secret=b"guessed")


def test_the_id_of_a_relation_comes_from_its_target() -> None:
    relation: Values = {"RELID": "R1", "RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "3", TARGET_IDS: "AE/x"}
    record_id = identified("RELREC", "01", relation)
    assert record_id == identified("RELREC", "01", {**relation, "IDVARVAL": "7"})
    assert record_id != identified("RELREC", "01", {**relation, TARGET_IDS: "AE/y"})
