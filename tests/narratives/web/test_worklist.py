"""The list of narratives: all that are due with the rule, where each stands, drafted together, and cut only last."""

import re
from typing import Any

import pytest
from django.db.models import Q
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import ReviewState, Step
from apps.compliance.services.reviewing import move_review
from apps.core.domain.errors import InvalidInputError, NotAllowedError
from apps.narratives.models import Narrative
from apps.narratives.selectors.worklist import FILTERS, counts, due_to_draft, lines, ordered, work_of
from apps.narratives.services import drafting
from apps.narratives.services.drafting import start_due, start_narrative
from apps.narratives.web import pages
from apps.studies.domain.audience import Audience
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import principal_of
from apps.twins.models import TwinSummary
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, review_of, signed_review, verified
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, StudyFactory, SubjectFactory, person, write

pytestmark = pytest.mark.django_db

QUIET = {**SEIZURE, "AESER": "N", "AESHOSP": None}
LEFT = {"DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-07-01"}


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    return found


@pytest.fixture
def author(study: Study) -> User:
    return person(Role.SAFETY_AUTHOR, study)


def subject_with(study: Study, name: str, *records: Any, **dm: Any) -> Subject:
    subject: Subject = SubjectFactory(site=SiteFactory(study=study), subject_id=name)
    write(subject, ("DM", {**DEMOGRAPHICS, "SITEID": subject.site.code, **dm}), *records)
    return subject


@pytest.fixture
def subjects(study: Study) -> dict[str, Subject]:
    """One for each rule, and one whom no rule asks for."""
    return {
        "quiet": subject_with(study, "S-0", ("AE", QUIET)),
        "left": subject_with(study, "S-1", ("AE", QUIET), ("DS", LEFT)),
        "serious": subject_with(study, "S-2", ("AE", SEIZURE)),
        "died": subject_with(study, "S-3", ("AE", {**SEIZURE, "AEOUT": "FATAL"}), DTHFL="Y"),
    }


def page(user: User, query: str = "") -> HttpResponse:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("narratives", args=["TRIAL"]) + query)


def rows(answer: HttpResponse) -> list[str]:
    body = re.search(r"<tbody>.*?</tbody>", answer.content.decode(), re.S)
    found = re.findall(r"<tr>.*?</tr>", body.group(), re.S) if body else []
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_all_that_are_due_are_listed_with_the_rule_what_weighs_most_first(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    assert rows(page(author)) == [
        "S-3 Serious died; Seizure none yet",
        "S-2 Serious Seizure none yet",
        "S-1 discontinued for an event none yet",
    ]
    assert "3 narratives of 3 due or written" in " ".join(re.sub(r"<[^>]+>", "", page(author).content.decode()).split())


def test_each_stands_with_state_currency_author_and_since_when(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    signed_review(subjects["died"], author)
    in_review(subjects["serious"], author)
    verified(subjects["quiet"], author)
    write(subjects["died"], ("AE", {**SEIZURE, "AEOUT": "FATAL", "AEREL": "PROBABLE"}))
    run_waiting()
    told = rows(page(author))
    moved = {row.narrative_id: row.since for row in lines(list(work_of(principal_of(author), study)), Audience.BLINDED)}
    assert all(moved[found.pk] is not None for found in Narrative.objects.all())
    name = author.display_name
    assert re.fullmatch(rf"S-3 Serious died; Seizure signed ↻ stale {name} \d\d \w{{3}} \d{{4}}, \d\d:\d\d", told[0])
    assert told[1].startswith(f"S-2 Serious Seizure in review ✓ current {name} ")
    assert told[2] == "S-1 discontinued for an event none yet"
    assert told[3].startswith("S-0 no rule asks for it : Asked for checked against the data ✓ current")
    assert counts(work_of(principal_of(author), study)) == {
        "all": 4, "none": 1, "work": 1, "review": 1, "signed": 1, "stale": 1,
    }  # fmt: skip
    for state, names in {
        "none": ["S-1"],
        "work": ["S-0"],
        "review": ["S-2"],
        "signed": ["S-3"],
        "stale": ["S-3"],
    }.items():
        assert [row.partition(" ")[0] for row in rows(page(author, f"?state={state}"))] == names
    assert len(rows(page(author, "?state=nonsense"))) == 4


def test_the_list_can_be_sorted_and_is_cut_after_sorting(
    study: Study, subjects: dict[str, Subject], author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_review(subjects["left"], author)
    work = work_of(principal_of(author), study)

    def order(sort: str) -> list[str]:
        return [subject.subject_id for subject in ordered(work, sort)]

    assert order("subject") == ["S-1", "S-2", "S-3"]
    assert order("-subject") == ["S-3", "S-2", "S-1"]
    verified(subjects["died"], author)
    assert order("-since") == ["S-3", "S-1", "S-2"]
    assert order("since") == ["S-2", "S-1", "S-3"]
    assert order("nonsense") == ["S-3", "S-2", "S-1"]
    monkeypatch.setattr(pages, "ON_A_PAGE", 2)
    assert [row.partition(" ")[0] for row in rows(page(author))] == ["S-3", "S-2"]
    assert [row.partition(" ")[0] for row in rows(page(author, "?page=2"))] == ["S-1"]


def test_every_state_of_a_narrative_stands_behind_a_filter() -> None:
    behind = {value for which in FILTERS.values() for name, value in _conditions(which) if name.startswith("state")}
    # Nothing is superseded but by a later version, whose state counts then.
    assert {*behind, ReviewState.SUPERSEDED} >= set(ReviewState)


def _conditions(which: Q) -> list[tuple[str, str]]:
    pairs = [child for child in which.children if isinstance(child, tuple)]
    return [(name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value])]


def test_a_rejected_narrative_is_in_work_and_is_written_anew(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    review = in_review(subjects["serious"], author)
    physician = person(Role.SAFETY_PHYSICIAN, study)
    move_review(review=review, step=Step.REJECT, actor=physician, reason="Say it in other words")
    assert [row.partition(" ")[0] for row in rows(page(author, "?state=work"))] == ["S-2"]
    narrative = Narrative.objects.get()
    client = Client()
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    where = {"code": "TRIAL", "narrative_id": narrative.pk}
    assert "there is nothing to refresh" not in client.get(reverse("narrative", kwargs=where)).content.decode()
    client.post(reverse("narrative-refresh", kwargs=where))
    run_waiting()
    again = review_of(narrative)
    assert (again.content_version, again.state) == (2, "verified")
    review.refresh_from_db()
    assert review.state == "withdrawn"


def test_what_is_due_is_drafted_together_once(study: Study, subjects: dict[str, Subject], author: User) -> None:
    verified(subjects["serious"], author)
    client = Client()
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert "Draft 2 that are not begun" in client.get(reverse("narratives", args=["TRIAL"])).content.decode()
    answer = client.post(reverse("narratives-draft-due", args=["TRIAL"]), follow=True)
    assert "2 drafts are being written." in answer.content.decode()
    assert {row.rpartition(" ")[2] for row in rows(answer) if row.startswith(("S-1", "S-3"))} == {"written"}
    assert "that are not begun" not in answer.content.decode()
    run_waiting()
    assert {found.subject.subject_id for found in Narrative.objects.all()} == {"S-1", "S-2", "S-3"}
    assert start_due(principal=principal_of(author), user=author, study=study) == 0


def test_so_many_are_drafted_at_a_time(
    study: Study, subjects: dict[str, Subject], author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "MOST_AT_ONCE", 2)
    assert start_due(principal=principal_of(author), user=author, study=study) == 2
    assert [subject.subject_id for subject in due_to_draft(principal_of(author), study)] == ["S-3"]


def test_who_may_not_draft_is_offered_nothing_and_an_author_of_one_site_drafts_there(
    study: Study, subjects: dict[str, Subject]
) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, study)
    assert "not begun</button>" not in page(physician).content.decode()
    with pytest.raises(NotAllowedError):
        start_due(principal=principal_of(physician), user=physician, study=study)
    local = person(Role.SAFETY_AUTHOR, study, site=subjects["died"].site)
    assert len(rows(page(local))) == 1
    assert start_due(principal=principal_of(local), user=local, study=study) == 1
    assert Narrative.objects.get().subject == subjects["died"]


def test_the_list_costs_the_same_for_one_and_for_four(
    study: Study, subjects: dict[str, Subject], author: User, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(60) as captured:
            page(author)
        return len(captured)

    signed_review(subjects["died"], author)
    queries()
    one = queries()
    for name in ("serious", "left", "quiet"):
        signed_review(subjects[name], author)
    assert queries() == one


def test_a_subject_whose_summary_is_missing_is_listed_when_it_has_a_narrative(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    verified(subjects["serious"], author)
    TwinSummary.objects.filter(subject=subjects["serious"]).delete()
    assert [row for row in rows(page(author)) if row.startswith("S-2 no rule asks for it checked against the data")]


def test_a_list_with_nothing_due_says_what_was_looked_for(study: Study, author: User) -> None:
    text = page(author).content.decode()
    assert "No narrative is due in this study." in text
    assert "No narrative is in this state." in page(author, "?state=signed").content.decode()


def test_a_narrative_that_no_rule_asks_for_wants_a_reason_and_keeps_it(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    client = Client()
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    where = {"code": "TRIAL", "subject_id": "S-0"}
    panel = reverse("narrative-of-subject", kwargs=where)
    assert "No rule asks for a narrative of this subject" in client.get(panel).content.decode()
    for blank in ({}, {"reason": "  "}):
        answer = client.post(reverse("narrative-draft", kwargs=where), blank, follow=True)
        assert "Say in `reason` why one is written." in answer.content.decode()
    answer = client.post(reverse("narrative-draft", kwargs=where), {"reason": "x" * 2001}, follow=True)
    assert "The reason has 2,001 characters; it may have 2,000." in answer.content.decode()
    assert not Narrative.objects.exists()
    asked = client.post(reverse("narrative-draft", kwargs=where), {"reason": " Asked for by <the> regulator "})
    assert asked.status_code == 302
    assert Narrative.objects.get().reason == "Asked for by <the> regulator"
    run_waiting()
    told = [row for row in rows(page(author)) if row.startswith("S-0")]
    assert told[0].startswith("S-0 no rule asks for it : Asked for by &lt;the&gt; regulator checked against the data")


def test_where_a_rule_asks_no_reason_is_wanted_or_kept(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    client = Client()
    client.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    panel = client.get(reverse("narrative-of-subject", kwargs={"code": "TRIAL", "subject_id": "S-1"})).content.decode()
    assert "Draft narrative" in panel
    assert "No rule asks" not in panel
    begun = start_narrative(principal=principal_of(author), user=author, subject=subjects["left"], reason="Why not")
    assert begun.reason == ""


def test_a_narrative_begun_for_a_reason_is_asked_for_again_without_one(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    first = start_narrative(principal=principal_of(author), user=author, subject=subjects["quiet"], reason="Asked for")
    again = start_narrative(principal=principal_of(author), user=author, subject=subjects["quiet"])
    assert (again.pk, again.reason) == (first.pk, "Asked for")


def test_what_somebody_unblinded_gives_as_reason_is_not_shown_to_blinded_readers(
    study: Study, subjects: dict[str, Subject], author: User
) -> None:
    machine = person(Role.INTEGRATOR, study)
    with pytest.raises(InvalidInputError, match="No rule asks for a narrative of S-0"):
        start_narrative(principal=principal_of(machine), user=machine, subject=subjects["quiet"])
    start_narrative(principal=principal_of(machine), user=machine, subject=subjects["quiet"], reason="On high dose")
    assert "high dose" not in page(author).content.decode()
    work = list(work_of(principal_of(machine), study).filter(subject_id="S-0"))
    assert [line.reason for line in lines(work, Audience.UNBLINDED)] == ["On high dose"]
    assert [line.reason for line in lines(work, Audience.BLINDED)] == [""]
