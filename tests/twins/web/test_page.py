"""The page of a subject: in the reader's own projection, at any version, each panel by itself."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import Subject
from apps.studies.services.ledger import record_changes
from apps.twins.selectors.twins import twin_at
from tests.factories import SiteFactory, UserFactory, context, write
from tests.twins.web.subjects import EXPOSURE, PANELS, full_subject, page_url, panel_url, reader, result

pytestmark = pytest.mark.django_db

MARKERS = re.compile(r"MARKER|54321|54,321|EXDOSE|markerdrug", re.IGNORECASE)


def text(response: object) -> str:
    markup = response.content.decode()  # type: ignore[attr-defined]
    return " ".join(re.sub(r"<[^>]+>", " ", markup).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def subject() -> Subject:
    return full_subject()


def test_the_page_says_who_the_subject_is_and_how_they_stand(subject: Subject) -> None:
    client, _ = reader(Role.SAFETY_PHYSICIAN, subject)
    page = text(client.get(page_url(subject)))
    assert "discontinued 08 Aug 2013" in page
    assert "69 years, female, White" in page
    assert "First dose 26 Apr 2013" in page
    assert "Last dose 01 Aug 2013 day 98" in page
    assert "Reason for leaving Adverse event" in page


def test_the_page_names_the_primary_diagnosis_and_the_day_of_death(subject: Subject) -> None:
    write(
        subject,
        ("MH", {"MHTERM": "GOUT", "MHCAT": "PRIMARY DIAGNOSIS", "MHSTDTC": "2013-02", "MHDTC": "2013-04-11"}),
        ("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-08", "COUNTRY": "USA"}),
    )
    client, _ = reader(Role.CRA, subject)
    page = text(client.get(page_url(subject)))
    assert "died 08 Aug 2013" in page
    assert "USA · Gout since Feb 2013" in page
    assert "Died 08 Aug 2013 day 105" in page


def test_the_reason_for_leaving_names_the_events_that_caused_it(subject: Subject) -> None:
    twin = twin_at(subject, Audience.BLINDED)
    event = next(row for row in twin.rows("AE") if row.text("AESPID") == "E02")
    relations = [
        RecordChange(Operation.INSERT, f"RELREC/{number}", "RELREC", {"RDOMAIN": domain, "RELID": "R1"}, target=target)
        for number, (domain, target) in enumerate((("AE", event.id), ("DS", twin.rows("DS")[0].id)))
    ]
    record_changes(subject=subject, changes=relations, context=context())
    client, _ = reader(Role.CRA, subject)
    assert "Adverse event: application site irritation" in text(client.get(page_url(subject)))


def test_a_blinded_reader_is_told_that_the_arm_is_hidden_and_finds_no_trace_of_treatment(subject: Subject) -> None:
    client, _ = reader(Role.SAFETY_PHYSICIAN, subject)
    page = client.get(page_url(subject))
    assert "Not visible to you: treatment is blinded for your role" in text(page)
    answers = [page, *(client.get(panel_url(subject, name)) for name in PANELS)]
    answers += [
        client.get(panel_url(subject, "laboratory", "?lab=all")),
        client.get(panel_url(subject, "changes", "?since=0")),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert not [found for answer in answers if (found := MARKERS.search(answer.content.decode()))]


def test_an_unblinded_reader_sees_arm_dose_and_dose_at_onset(subject: Subject) -> None:
    client, _ = reader(Role.UNBLINDED_MONITOR, subject)
    assert "Planned arm Marker-arm high dose" in text(client.get(page_url(subject)))
    assert "54,321 mg" in text(client.get(panel_url(subject, "timeline")))
    problems = text(client.get(panel_url(subject, "problems")))
    assert "Dose at onset" in problems
    assert "54,321 mg" in problems


def test_hidden_changes_do_not_move_the_version_of_a_blinded_reader(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject)
    before = client.get(page_url(subject)).content
    write(subject, ("EX", {**EXPOSURE, "EXSTDTC": "2013-09-01", "EXENDTC": "2013-09-30"}))
    after = client.get(page_url(subject)).content
    assert b"version 2 of 2" in before
    assert re.sub(rb'"X-CSRFToken": "[^"]+"|value="[^"]{64}"', b"", before) == re.sub(
        rb'"X-CSRFToken": "[^"]+"|value="[^"]{64}"', b"", after
    )


def test_a_dosing_day_does_not_move_the_data_cut(subject: Subject) -> None:
    write(subject, ("EX", {**EXPOSURE, "EXSTDTC": "2013-11-11", "EXENDTC": "2013-11-12"}))
    write(subject, ("LB", result(31, "2013-08-02")))
    blinded, _ = reader(Role.CRA, subject)
    unblinded, _ = reader(Role.UNBLINDED_MONITOR, subject)
    shown = text(blinded.get(page_url(subject)))
    assert "data to 08 Aug 2013 version 3 of 3" in shown
    assert "Nov 2013" not in shown
    assert "data to 08 Aug 2013 version 4 of 4" in text(unblinded.get(page_url(subject)))


def test_a_stranger_is_answered_with_404_everywhere(subject: Subject) -> None:
    client = Client()
    client.force_login(UserFactory())
    urls = [
        page_url(subject),
        *(panel_url(subject, name) for name in PANELS),
        panel_url(subject, "value", "?record=AE/x"),
    ]
    assert [client.get(url).status_code for url in urls] == [404] * len(urls)


def test_a_reader_of_another_site_is_a_stranger(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject, site=SiteFactory(study=subject.study))
    assert client.get(page_url(subject)).status_code == 404


def test_who_is_not_signed_in_is_sent_to_sign_in_and_a_panel_sends_the_whole_page(subject: Subject) -> None:
    assert Client().get(page_url(subject)).status_code == 302
    answer = Client().get(panel_url(subject, "problems"), headers={"HX-Request": "true", "HX-Current-URL": "/here"})
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fhere"
    assert answer.content == b""


def test_a_subject_id_with_slashes_has_its_page_and_panels() -> None:
    subject = full_subject(subject_id="EU/701/0042")
    client, _ = reader(Role.CRA, subject)
    assert "EU/701/0042" in text(client.get(page_url(subject)))
    assert "Key to the timeline" in client.get(panel_url(subject, "timeline")).content.decode()


def test_the_past_is_shown_as_it_was_known_with_the_way_back(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject)
    page = text(client.get(page_url(subject, "?version=1")))
    assert "You are looking at version 1, as known on" in page
    assert "1 later version exists." in page
    assert f"{subject.subject_id} randomised" in page, "no disposition of anybody had come by then"
    assert "Application site irritation" not in text(client.get(panel_url(subject, "problems", "?version=1")))


def test_a_page_of_the_past_is_not_live_and_its_links_stay_in_the_past(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject)
    past, now = (client.get(page_url(subject, query)).content.decode() for query in ("?version=1", ""))
    assert "data-sections" not in past.partition("panel-narrative")[0]
    assert "data-live-version" not in past
    assert 'data-live-version="2"' in now
    assert "panels/problems/?version=1" in past
    assert "version=1" in client.get(panel_url(subject, "problems", "?version=1")).content.decode()


@pytest.mark.parametrize("version", ["0", "3", "x", "-1"])
def test_a_version_that_does_not_exist_is_not_found(subject: Subject, version: str) -> None:
    client, _ = reader(Role.CRA, subject)
    assert client.get(page_url(subject, f"?version={version}")).status_code == 404


def test_the_slider_labels_every_version_and_marks_the_last_look(subject: Subject) -> None:
    client, user = reader(Role.CRA, subject)
    user.previous_visit_at = timezone.now()
    user.save()
    write(subject, ("LB", result(40, "2013-08-09")))
    page = client.get(page_url(subject)).content.decode()
    assert len(re.findall(r'<p data-version="\d">', page)) == 3
    assert '<option value="2"></option>' in page
    assert "Version 2 is the one you last looked at." in page
    assert page.count("data to") >= 3


def test_a_panel_that_fails_leaves_the_others_alone(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject)
    assert client.get(panel_url(subject, "changes", "?since=99")).status_code == 404
    assert client.get(panel_url(subject, "problems")).status_code == 200


def test_a_subject_of_whom_nothing_is_known_has_a_page_that_says_so(subject: Subject) -> None:
    bare = Subject.objects.create(study=subject.study, site=subject.site, subject_id="EMPTY-1")
    client, _ = reader(Role.CRA, subject)
    assert "Nothing that you may see is known yet." in text(client.get(page_url(bare)))
    expected = {
        "timeline": "No visit, event or medication with a date is known",
        "laboratory": "No laboratory result with a date.",
        "problems": "No adverse event.",
        "changes": "0 changes of what you may see.",
        "history": "No medical history.",
        "medications": "No medication.",
    }
    assert all(words in text(client.get(panel_url(bare, name))) for name, words in expected.items())


def test_the_number_of_queries_does_not_grow_with_records_or_versions(subject: Subject) -> None:
    client, _ = reader(Role.CRA, subject)
    urls = [page_url(subject), *(panel_url(subject, name) for name in PANELS)]

    def count(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    before = [count(url) for url in urls]
    for number in range(12):
        write(subject, *(("LB", result(20 + number, f"2013-{month:02d}-{number + 1:02d}")) for month in (9, 10, 11)))
    assert [count(url) for url in urls] == before
    assert max(before) <= 16
