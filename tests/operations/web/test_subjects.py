"""The list of subjects: found, narrowed, sorted and paged by the address alone, in a constant number of queries."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import RULES, Step
from apps.compliance.models import Review, ReviewTransition
from apps.core.domain.canonical import sha256_hex
from apps.narratives.domain.facts.extract import ASKED_DOMAINS
from apps.narratives.models import Currency, Narrative, NarrativeVersion
from apps.studies.domain.audience import Audience
from apps.studies.models import Study, Subject
from apps.studies.selectors.received import received_domains
from apps.studies.services.receiving import note_domains
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, StudyFactory, SubjectFactory, UserFactory, person, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return StudyFactory()


@pytest.fixture
def physician(study: Study) -> User:
    return person(Role.SAFETY_PHYSICIAN, study)


@pytest.fixture
def client(physician: User) -> Client:
    signed_in = Client()
    signed_in.force_login(physician)
    return signed_in


def enrolled(study: Study, subject_id: str, site: str = "701", *records: tuple[str, dict[str, object]]) -> Subject:
    place = study.sites.filter(code=site).first() or SiteFactory(study=study, code=site)
    subject: Subject = SubjectFactory(site=place, subject_id=subject_id)
    write(subject, ("DM", {**DEMOGRAPHICS, "SITEID": site, "AGE": 60 + subject.pk % 20}), *records)
    return subject


def listed(client: Client, study: Study, query: str = "") -> list[str]:
    """Subject ids of the rows, in their order."""
    return re.findall(r'<a href="/studies/[^"]+/subjects/([^"/]+)/">', body(client, study, query))


def body(client: Client, study: Study, query: str = "") -> str:
    answer = client.get(reverse("subjects", args=[study.code]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def narrated(subject: Subject, author: User, *, state: str, currency: str) -> None:
    """A narrative of the subject whose latest version stands so, as far as lists look: its bytes and steps agree."""
    narrative = Narrative.objects.create(study=subject.study, subject=subject, created_by=author)
    parts = {"text": sha256_hex([]), "facts": sha256_hex({}), "verification": sha256_hex({})}
    review = Review.objects.create(
        study=subject.study,
        site=subject.site,
        content_kind="safety narrative",
        content_id=str(narrative.pk),
        content_version=1,
        content_sha256=sha256_hex(parts),
    )
    for step in ("pass_check", "submit"):
        move_to(review, step, author, until=state)
    version = NarrativeVersion.objects.create(
        narrative=narrative,
        number=1,
        review=review,
        twin_version=1,
        known_at=timezone.now(),
        author=author,
        sentences=[],
        facts={},
        verification={},
        provenance={},
        text_sha256=parts["text"],
        facts_sha256=parts["facts"],
        verification_sha256=parts["verification"],
        content_sha256=sha256_hex(parts),
    )
    domains = len(received_domains(subject.study, Audience.BLINDED) & ASKED_DOMAINS)
    Currency.objects.create(version=version, value=currency, twin_version=1, domains_received=domains)


def move_to(review: Review, step: str, actor: User, *, until: str) -> None:
    """One step of the review, unless it stands where it should already."""
    if review.state == until:
        return
    target = str(RULES[Step(step)].target)
    ReviewTransition.objects.create(
        review=review, step=step, from_state=review.state, to_state=target, actor=actor, actor_name="-"
    )
    review.state = target
    review.save(update_fields=["state"])


def test_a_row_says_how_the_subject_stands(client: Client, study: Study) -> None:
    left = {"DSTERM": "X", "DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-08-08"}
    visit = {"VISITNUM": 4, "VISIT": "WEEK 2", "SVSTDTC": "2013-05-09"}
    enrolled(study, "S-1", "701", ("AE", dict(SEIZURE)), ("DS", left), ("SV", visit))
    shown = words(body(client, study))
    assert "Discontinued, adverse event Week 2, 09 May 2013 1 1 Seizure none yet" in shown


def test_subjects_are_found_by_part_of_their_id_by_events_and_by_medications(client: Client, study: Study) -> None:
    quiet = {**SEIZURE, "AESER": "N", "AESHOSP": None, "AETERM": "had a fit"}
    aspirin = {"CMSPID": "1", "CMTRT": "ASA 81", "CMDECOD": "ACETYLSALICYLIC ACID"}
    enrolled(study, "S-100", "701", ("AE", quiet), ("CM", aspirin))
    enrolled(study, "S-200", "701", ("CM", {"CMSPID": "1", "CMTRT": "ASA 325", "CMDECOD": "UNCODED"}))
    assert listed(client, study, "?search=s-2") == ["S-200"]
    for search in ("seiz", "A%20Fit", "salicyl"):
        assert listed(client, study, f"?search={search}") == ["S-100"], search
    assert listed(client, study, "?search=asa") == ["S-100", "S-200"]
    assert listed(client, study, "?search=uncoded") == []


def test_a_row_says_which_of_its_words_a_search_found(client: Client, study: Study) -> None:
    taken = [("CM", {"CMSPID": str(number), "CMTRT": f"DRUG {number}"}) for number in range(3)]
    enrolled(study, "S-1", "701", ("AE", {**SEIZURE, "AETERM": "Drug reaction <b>"}), *taken)
    assert '<span class="second-line">' not in body(client, study, "?search=s-1")
    assert '<span class="second-line">Drug 1</span>' in body(client, study, "?search=drug 1")
    found = re.search(r'<span class="second-line">(.*?)</span>', body(client, study, "?search=drug"))
    assert found is not None
    assert found.group(1) == "Drug reaction &lt;b&gt;, Drug 0, Drug 1 and 1 more"


def test_subjects_are_narrowed_by_site_and_status(client: Client, study: Study) -> None:
    enrolled(study, "S-1", "701")
    enrolled(study, "S-2", "702", ("DS", {"DSTERM": "X", "DSDECOD": "COMPLETED", "DSSTDTC": "2013-08-08"}))
    assert listed(client, study, "?site=702") == ["S-2"]
    assert listed(client, study, "?status=ongoing") == ["S-1"]
    assert listed(client, study, "?status=nonsense") == ["S-1", "S-2"]


def test_quick_filters_count_what_they_would_show_beside_the_other_filters(client: Client, study: Study) -> None:
    enrolled(study, "S-1", "701", ("AE", dict(SEIZURE)))
    enrolled(study, "S-2", "702", ("AE", dict(SEIZURE)))
    note_domains(study, {("DS", True)})
    for query, number in (("", 2), ("?site=702", 1), ("?site=702&status=completed", 0), ("?search=s-1&sort=age", 1)):
        shown = words(body(client, study, query))
        assert f"Serious event {number} Discontinued for AE 0" in shown, query
        chosen = f"{query}{'&' if query else '?'}quick=serious"
        assert len(listed(client, study, chosen)) == number
        assert f"Serious event {number} Discontinued for AE 0" in words(
            body(client, study, f"{query}{'&' if query else '?'}quick=died")
        )


def test_quick_filters_show_their_counts_zero_included(client: Client, study: Study) -> None:
    enrolled(study, "S-1", "701", ("AE", dict(SEIZURE)))
    enrolled(study, "S-2")
    shown = words(body(client, study, "?quick=serious"))
    assert "✓ Serious event 1" in shown
    assert "Died 0" in shown
    assert "1 of 2 subjects have a serious event by flag or criterion. Clear filter" in shown
    assert listed(client, study, "?quick=serious") == ["S-1"]


@pytest.mark.parametrize(
    ("quick", "record"),
    [
        ("died", ("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-08"})),
        ("discontinued", ("DS", {"DSTERM": "X", "DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-08-08"})),
        ("liver", ("LB", {"LBTESTCD": "AST", "LBSTRESN": 120, "LBSTNRHI": 34, "LBDTC": "2013-06-01"})),
    ],
)
def test_each_quick_filter_finds_its_subjects(
    client: Client, study: Study, quick: str, record: tuple[str, dict[str, object]]
) -> None:
    found = enrolled(study, "S-1")
    enrolled(study, "S-2")
    assert listed(client, study, f"?quick={quick}") == []
    write(found, record)
    assert listed(client, study, f"?quick={quick}") == ["S-1"]


def test_the_state_of_a_narrative_stands_beside_its_subject_and_a_stale_one_is_found(
    client: Client, study: Study, physician: User
) -> None:
    narrated(enrolled(study, "S-1"), physician, state="verified", currency="stale_cited")
    narrated(enrolled(study, "S-2"), physician, state="in_review", currency="current")
    shown = words(body(client, study))
    assert "checked against the data ↻ stale" in shown
    assert "in review ✓ current" in shown
    assert "Stale narrative 1" in shown
    assert listed(client, study, "?quick=stale") == ["S-1"]


def test_sorting_is_in_the_address_and_puts_what_is_not_recorded_last(client: Client, study: Study) -> None:
    for number, age in ((1, 80), (2, 61), (3, 75)):
        write(enrolled(study, f"S-{number}"), ("DM", {"AGE": age}))
    write(enrolled(study, "S-4"), ("DM", {"AGE": None}))
    assert listed(client, study, "?sort=age") == ["S-2", "S-3", "S-1", "S-4"]
    assert listed(client, study, "?sort=-age") == ["S-1", "S-3", "S-2", "S-4"]
    assert 'aria-sort="descending"' in body(client, study, "?sort=-age")
    assert listed(client, study, "?sort=nonsense") == ["S-1", "S-2", "S-3", "S-4"]


def test_what_changed_since_the_last_look_comes_first_and_is_marked(
    client: Client, study: Study, physician: User
) -> None:
    enrolled(study, "S-1")
    moved = enrolled(study, "S-2")
    physician.previous_visit_at = timezone.now()
    physician.save()
    assert 'class="is-new"' not in body(client, study)
    write(moved, ("AE", dict(SEIZURE)))
    shown = body(client, study)
    assert shown.count('class="is-new"') == 1
    assert listed(client, study) == ["S-2", "S-1"]
    assert "Changed since last look 1" in words(shown)


def test_a_hidden_change_marks_nothing_for_a_blinded_reader(client: Client, study: Study, physician: User) -> None:
    moved = enrolled(study, "S-1")
    since = timezone.now()
    unblinded = person(Role.UNBLINDED_MONITOR, study, previous_visit_at=since)
    User.objects.filter(pk=physician.pk).update(previous_visit_at=since)
    write(moved, ("EX", {"EXTRT": "X", "EXDOSE": 54, "EXSTDTC": "2013-09-01"}))
    other = Client()
    other.force_login(unblinded)
    assert 'class="is-new"' not in body(client, study)
    assert 'class="is-new"' in body(other, study)


def test_a_reader_of_one_site_sees_and_counts_that_site_only(study: Study) -> None:
    own = enrolled(study, "S-1", "701")
    enrolled(study, "S-2", "702", ("AE", dict(SEIZURE)))
    client = Client()
    client.force_login(person(Role.CRA, study, site=own.site))
    shown = body(client, study)
    assert listed(client, study) == ["S-1"]
    assert "Serious event 0" in words(shown)
    assert '<option value="702"' not in shown


def test_a_stranger_is_answered_with_404_and_a_visitor_with_the_sign_in(study: Study) -> None:
    url = reverse("subjects", args=[study.code])
    client = Client()
    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).status_code == 404


def test_an_empty_list_says_what_was_looked_for_and_what_to_do_next(client: Client, study: Study) -> None:
    enrolled(study, "S-1")
    shown = words(body(client, study, "?search=zzz&site=701"))
    assert "0 of 1 subject at site 701, matching “zzz”" in shown
    assert "Searched 1 subject by identifier, event and medication, as known" in shown
    assert "Show all subjects" in shown


def test_a_subject_without_any_record_is_listed_as_not_recorded(client: Client, study: Study) -> None:
    SubjectFactory(site=SiteFactory(study=study), subject_id="S-EMPTY")
    assert "not recorded" in words(body(client, study))


def test_fifty_subjects_a_page_with_links_that_keep_the_filter(client: Client, study: Study) -> None:
    site = SiteFactory(study=study, code="701")
    for number in range(60):
        SubjectFactory(site=site, subject_id=f"S-{number:03d}")
    assert len(listed(client, study)) == 50
    assert listed(client, study, "?site=701&page=2") == [f"S-{number:03d}" for number in range(50, 60)]
    assert "?site=701&amp;page=2" in body(client, study, "?site=701")
    assert len(listed(client, study, "?page=nonsense")) == 50


def test_the_number_of_queries_is_the_same_for_1_10_and_50_subjects(
    client: Client, study: Study, physician: User
) -> None:
    physician.previous_visit_at = timezone.now() - timedelta(days=1)
    physician.save()
    counts: list[int] = []
    made = 0
    for wanted in (1, 10, 50):
        while made < wanted:
            made += 1
            subject = enrolled(study, f"S-{made:03d}")
            narrated(subject, physician, state="verified", currency="current")
        body(client, study)
        with CaptureQueriesContext(connection) as queries:
            body(client, study)
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 18


def test_the_list_offers_what_is_new_instead_of_moving_under_the_reader(client: Client, study: Study) -> None:
    enrolled(study, "S-1")
    assert "data-live-list" in body(client, study)
