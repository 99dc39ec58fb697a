"""The review workflow as one table: every state with every step, what is allowed and what is refused and why."""

import pytest

from apps.compliance.domain.workflow import AUTHOR_REFUSED, RULES, ReviewState, Step, refusal

OPEN = {"draft", "verified", "blocked", "in_review", "changes_requested", "signed"}
# step: states it may be taken from, the state it leads to, needs a reason, not by an author
TABLE = {
    "pass_check": ({"draft"}, "verified", False, False),
    "fail_check": ({"draft"}, "blocked", True, False),
    "submit": ({"verified"}, "in_review", False, False),
    "request_changes": ({"in_review"}, "changes_requested", True, True),
    "reject": ({"in_review"}, "withdrawn", True, True),
    "sign": ({"in_review"}, "signed", False, True),
    "supersede": (OPEN, "superseded", True, False),
}
PAIRS = [(step, state) for step in Step for state in ReviewState]


def test_the_table_holds_every_step_and_where_it_leads() -> None:
    assert {step.value for step in Step} == TABLE.keys()
    assert {step.value: rule.target.value for step, rule in RULES.items()} == {n: row[1] for n, row in TABLE.items()}


@pytest.mark.requirement("P11-10f")
@pytest.mark.parametrize(("step", "state"), PAIRS)
def test_a_step_is_taken_only_from_its_states(step: Step, state: ReviewState) -> None:
    why_not = refusal(step, state, is_author=False, reason="a reason")
    if state.value in TABLE[step.value][0]:
        assert why_not is None
    else:
        assert why_not is not None
        word = "checked against the data" if state is ReviewState.VERIFIED else state.value.replace("_", " ")
        assert why_not.startswith(f"Cannot {step.value.replace('_', ' ')}: the version is {word}, it must be ")


@pytest.mark.parametrize("step", Step)
def test_steps_that_refuse_or_replace_need_a_reason(step: Step) -> None:
    sources, _, needs_reason, _ = TABLE[step.value]
    for state in sources:
        why_not = refusal(step, ReviewState(state), is_author=False, reason="  ")
        assert (why_not is not None and "say why" in why_not) is needs_reason


@pytest.mark.requirement("P11-10g")
@pytest.mark.parametrize("step", Step)
def test_an_author_never_decides_on_their_own_version(step: Step) -> None:
    sources, _, _, not_by_author = TABLE[step.value]
    for state in sources:
        why_not = refusal(step, ReviewState(state), is_author=True, reason="a reason")
        assert why_not == (AUTHOR_REFUSED if not_by_author else None)


@pytest.mark.parametrize("state", [ReviewState.SUPERSEDED, ReviewState.WITHDRAWN])
def test_nothing_leads_out_of_an_ended_version(state: ReviewState) -> None:
    assert all(refusal(step, state, is_author=False, reason="a reason") for step in Step)
