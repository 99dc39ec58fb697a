"""Every row of the trail reads as a sentence and opens to old and new in words; it can be searched and filtered."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import get_application_model

from apps.accounts.domain.roles import Role
from apps.accounts.models import ActKind
from apps.accounts.services.administrative_acts import Grant, approve_act, refuse_act, request_act
from apps.accounts.services.grants import revoke_role
from apps.compliance.admin.trail import trail_lines
from apps.compliance.domain.acts import REFUSED_ACTS, SESSION_ACTS, Refusal
from apps.compliance.domain.workflow import Step
from apps.compliance.models import TrailEntry
from apps.compliance.services.noting import note_refused_signing
from apps.compliance.services.reviewing import move_review
from apps.studies.models import BlindingRule, Study, StudyState
from tests.compliance.reviews import in_review, signed_review
from tests.factories import PASSWORD, SiteFactory, StudyFactory, UserFactory, person, treated_subject

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]
TRAIL = "/admin/compliance/trailentry/"


@pytest.fixture
def study() -> Study:
    return StudyFactory(code="OWN-1")


@pytest.fixture
def auditor(study: Study) -> Client:
    client = Client()
    client.force_login(person(Role.AUDITOR, study, printed_name="Henrik Dahl"))
    return client


def sentences(after: int = 0) -> list[str]:
    """What every row after a key says, oldest first."""
    rows = TrailEntry.objects.filter(pk__gt=after).order_by("pk").select_related("content_type", "study", "actor")
    return [line.sentence for line in trail_lines(list(rows))]


def last() -> int:
    entry = TrailEntry.objects.order_by("pk").last()
    return entry.pk if entry is not None else 0


def told(client: Client, **asked: object) -> list[str]:
    """The sentences on the page, the latest first."""
    page = client.get(TRAIL, asked).content.decode()
    return [html.unescape(found) for found in re.findall(r"<summary>(.*?)</summary>", page)]


def test_the_way_of_a_text_reads_as_the_steps_of_people(study: Study) -> None:
    subject = treated_subject(study, subject_id="01-705-1186")
    review = in_review(subject, person(Role.SAFETY_AUTHOR, study, printed_name="Jonas Lindqvist"))
    physician = person(Role.SAFETY_PHYSICIAN, study, printed_name="Amara Okafor, MD")
    client, before = Client(), last()
    client.force_login(physician)
    page = f"/admin/compliance/review/{review.pk}/decide/"
    form = {"decision": "sign", "meaning": "approval", "seen_sha256": review.content_sha256}
    client.post(page, {**form, "password": "wrong"})
    client.post(page, {**form, "password": PASSWORD})
    text = "version 1 of the safety narrative of 01-705-1186"
    said = sentences()
    assert f"{text.capitalize()} was checked against the data: passed." in said
    assert f"Jonas Lindqvist wrote {text}." in said
    assert sentences(before)[2:] == [
        f"Signing of {text} by Amara Okafor, MD refused: wrong password.",
        f"Amara Okafor, MD approved and signed {text}.",
        f"The signature of Amara Okafor, MD (safety physician) stands under {text}, meaning approval.",
    ]


def test_a_text_that_is_sent_back_or_rejected_says_by_whom(study: Study) -> None:
    author, physician = person(Role.SAFETY_AUTHOR, study), person(Role.SAFETY_PHYSICIAN, study, printed_name="Dr. X")
    for step, words in ((Step.REQUEST_CHANGES, "asked for changes of"), (Step.REJECT, "rejected")):
        review = in_review(treated_subject(study), author)
        before = last()
        move_review(review=review, step=step, actor=physician, reason="Doubtful")
        (line,) = sentences(before)
        assert f"{words} version 1 of the safety narrative of" in line


def test_roles_rights_and_accounts_read_in_words(study: Study) -> None:
    site = SiteFactory(study=study, code="701")
    before = last()
    user = person(Role.CRA, study, site=site, username="maya", printed_name="Maya Brandt")
    revoke_role(user=user, role=Role.CRA, study_code="OWN-1", site_code="701")
    user.printed_name = "Maya B. Brandt"
    user.save(update_fields=["printed_name"])
    Group.objects.create(name="operators")
    get_application_model().objects.create(name="bridge", user=user, client_type="confidential")
    assert sentences(before) == [
        "The portal opened the account of Maya Brandt (maya).".replace("Maya Brandt", "Maya B. Brandt"),
        "The portal set up the role CRA at site 701 of study OWN-1.",
        "The portal gave CRA at site 701 of study OWN-1 the right to read.",
        "The portal granted CRA at site 701 of study OWN-1 to Maya B. Brandt (maya).",
        "The portal took CRA at site 701 of study OWN-1 from Maya B. Brandt (maya).",
        "The portal changed the account of Maya B. Brandt (maya): printed name from Maya Brandt to Maya B. Brandt.",
        "The portal set up the role operators.",
        "The portal made the application bridge.",
    ]


def test_studies_sites_and_rules_read_in_words_and_name_no_treatment(study: Study) -> None:
    before = last()
    SiteFactory(study=study, code="709")
    study.state = StudyState.LOCKED
    study.save(update_fields=["state"])
    BlindingRule.objects.create(study=study, kind="word", name="zolpaxin", reason="It names it").delete()
    assert sentences(before) == [
        "The portal added site 709 of study OWN-1.",
        "The portal changed study OWN-1: state from active to locked.",
        "The portal added a rule of what blinded readers never see.",
        "The portal removed a rule of what blinded readers never see.",
    ]


def test_administrative_acts_say_what_was_asked_and_decided(study: Study) -> None:
    one, two = (UserFactory(is_superuser=True, is_staff=True) for _ in range(2))
    user = UserFactory(printed_name="Elena Rossi")
    before = last()
    grant = Grant(Role.MEDICAL_MONITOR, "OWN-1", study)
    act = request_act(asker=one, kind=ActKind.GRANT_ROLE, concerns=user, reason="Needed", grant=grant)
    refuse_act(act=act, refuser=one)
    act = request_act(asker=one, kind=ActKind.RESET_PASSWORD, concerns=user, reason="Forgotten")
    approve_act(act=act, approver=two)
    account = UserFactory(is_service_account=True, printed_name="Bridge")
    request_act(asker=one, kind=ActKind.REVOKE_APPLICATION, concerns=account, reason="Over")
    said = [line for line in sentences(before) if "account of" not in line]
    asked = "grant medical monitor on study OWN-1 to Elena Rossi"
    assert said == [
        f"The portal asked to {asked}.",
        f"The portal refused to {asked}.",
        "The portal asked to reset the password of Elena Rossi.",
        "The portal approved, and it was done: reset the password of Elena Rossi.",
        "The portal did at once: take the application of Bridge away.",
    ]


def test_sign_ins_read_in_words(study: Study) -> None:
    person(Role.DATA_MANAGER, study, username="data.manager", printed_name="Priya Raman")
    before, door = last(), "/sign-in/"
    for _ in range(5):
        Client().post(door, {"username": "data.manager", "password": "wrong"})
    Client(REMOTE_ADDR="203.0.113.9").post(door, {"username": "secret-typed-here", "password": "x"})
    said = sentences(before)
    assert said[0] == "Sign-in of Priya Raman (data.manager) refused: wrong password."
    wait = "Priya Raman (data.manager) was locked out for 30 seconds after too many wrong passwords or secrets."
    assert said[-2] == wait
    assert said[-1] == "Sign-in from 203.0.113.9 refused: no account has the name that was given."


@pytest.mark.parametrize("why", list(Refusal))
def test_every_reason_for_a_refused_signing_has_its_words(study: Study, why: Refusal) -> None:
    review = in_review(treated_subject(study), person(Role.SAFETY_AUTHOR, study))
    physician, before = person(Role.SAFETY_PHYSICIAN, study, printed_name="Dr. X"), last()
    note_refused_signing(review=review, signer=physician, why=why, address="203.0.113.9")
    (said,) = sentences(before)
    assert re.fullmatch(r"Signing of version 1 of the safety narrative of \S+ by Dr\. X refused: [a-z ,]+\.", said)
    assert why is Refusal.OTHER or "it could not be done" not in said


def test_a_row_opens_to_old_and_new_in_words_with_the_moment_to_the_second(study: Study, auditor: Client) -> None:
    signed_review(treated_subject(study))
    study.state, study.is_blinded = StudyState.LOCKED, False
    study.save(update_fields=["state", "is_blinded"])
    entry = TrailEntry.objects.order_by("pk").last()
    assert entry is not None
    page = " ".join(re.sub(r"<[^>]+>", " ", auditor.get(f"{TRAIL}{entry.pk}/change/").content.decode()).split())
    assert f"{entry.timestamp.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC" in page
    assert "Field Old New Blinded yes no State active locked" in page


def test_no_row_shows_a_key_a_type_or_stored_json(study: Study) -> None:
    review = signed_review(treated_subject(study))
    rows = list(TrailEntry.objects.select_related("content_type", "study", "actor"))
    values = [f"{one.label}|{one.old}|{one.new}" for line in trail_lines(rows) for one in line.changes]
    said = "\n".join([*values, *(line.sentence for line in trail_lines(rows))])
    assert str(review.pk) not in said
    assert not re.search(r"None|studies\.|compliance\.|object_pk|content type|[{}]|\d{4}-\d{2}-\d{2} ", said)
    assert f"study||{study.code}" in values
    assert "text||version 1 of the safety narrative of" in said


def test_what_is_gone_is_still_told(study: Study) -> None:
    application = get_application_model().objects.create(name="bridge", user=UserFactory(), client_type="confidential")
    application.delete()
    group = Group.objects.create(name="OWN-1:auditor")
    before = last()
    group.name = "OWN-1:cra"
    group.save()
    group.delete()
    assert "The portal took the application bridge away." in sentences()
    changed = "The portal changed the role CRA on study OWN-1: name from auditor on study OWN-1 to CRA on study OWN-1."
    assert sentences(before) == [changed, "The portal removed the role CRA on study OWN-1."]


@pytest.mark.parametrize(
    ("kind", "only"),
    [
        ("refused", "refused|locked out"),
        ("reviews", "narrative"),
        ("sign-ins", "signed in|signed out|[Ss]ign-in|locked out"),
        ("rights", "role|right|granted"),
        ("accounts", "account|application"),
        ("studies", "study OWN-1|site|never see"),
    ],
)
def test_a_kind_of_act_is_shown_alone_and_none_is_lost(study: Study, auditor: Client, kind: str, only: str) -> None:
    review = signed_review(treated_subject(study))
    manager = person(Role.DATA_MANAGER, study, username="data.manager")
    Client().post("/sign-in/", {"username": manager.username, "password": "wrong"})
    manager.is_staff = True
    note_refused_signing(review=review, signer=manager, why=Refusal.NO_RIGHT, address="")
    found = told(auditor, kind=kind)
    if kind != "accounts":
        assert found, "the study has such a row"
    assert all(re.search(only, line) for line in found), found
    kinds = ("reviews", "sign-ins", "rights", "accounts", "studies")
    assert sum(len(told(auditor, kind=one)) for one in kinds) == len(told(auditor))


def test_a_person_a_period_and_words_narrow_the_trail(study: Study, auditor: Client) -> None:
    subject = treated_subject(study, subject_id="01-705-1186")
    review = signed_review(subject)
    physician = review.signatures.get().signer
    manager = person(Role.DATA_MANAGER, study, username="data.manager", printed_name="Priya Raman")
    Client().post("/sign-in/", {"username": "data.manager", "password": "wrong"})
    of_manager = told(auditor, person=manager.pk)
    assert of_manager == [
        "Sign-in of Priya Raman (data.manager) refused: wrong password.",
        "The portal granted data manager on study OWN-1 to Priya Raman (data.manager).",
    ]
    assert told(auditor, words="data.MANAGER") == of_manager
    by_subject = told(auditor, words="705-1186")
    assert any(line.startswith("The signature of") for line in by_subject)
    assert all("01-705-1186" in line for line in by_subject)
    assert "The portal granted safety physician on study OWN-1 to" in " ".join(told(auditor, words="safety phys"))
    assert told(auditor, person=physician.pk)
    today = datetime.now(UTC).date()
    assert told(auditor, since=today, until=today) == told(auditor)
    assert told(auditor, until=today - timedelta(days=1)) == []
    assert told(auditor, since=today + timedelta(days=1)) == []
    assert told(auditor, study=study.pk) == told(auditor)


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("field", ["study", "person", "kind", "since"])
def test_what_is_none_of_the_readers_choices_is_an_error_beside_its_field(
    study: Study, auditor: Client, field: str
) -> None:
    other = StudyFactory(code="OTHER-9")
    stranger = UserFactory()
    given = {"study": other.pk, "person": stranger.pk, "kind": "x", "since": "yesterday"}[field]
    answer = auditor.get(TRAIL, {field: given})
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert "OTHER-9" not in answer.content.decode()
    assert stranger.display_name not in html.unescape(answer.content.decode())


@pytest.mark.requirement("H-a1")
def test_the_platform_is_a_choice_of_who_administers_it_alone(study: Study, auditor: Client) -> None:
    administrator = Client()
    administrator.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert told(administrator, study="platform")
    assert all("OWN-1" not in line for line in told(administrator, study="platform"))
    assert auditor.get(TRAIL, {"study": "platform"}).status_code == 422


def test_pages_cost_the_same_however_many_rows_and_go_on_in_one_order(study: Study, auditor: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(TRAIL)
        return len(captured)

    for number in range(2):
        person(Role.CRA, study, site=SiteFactory(study=study, code=f"1{number}"))
    signed_review(treated_subject(study))
    auditor.get(TRAIL)
    before = cost()
    for number in range(14):
        person(Role.CRA, study, site=SiteFactory(study=study, code=f"2{number}"))
    assert cost() <= before
    first, second = told(auditor), told(auditor, page=2)
    assert len(first) == 50
    assert "Page 1 of" in auditor.get(TRAIL).content.decode()
    assert first[0] == "The portal granted CRA at site 213 of study OWN-1 to" + first[0].partition(" to")[2]
    assert not set(first) & set(second)


@pytest.mark.parametrize("key", ["x", "0", "99999999", "9" * 40, "-1", "²"])
def test_a_key_that_is_none_of_a_row_is_not_found(auditor: Client, key: str) -> None:
    assert auditor.get(f"{TRAIL}{key}/change/").status_code == 404


def test_acts_are_a_closed_list() -> None:
    assert {str(act) for act in SESSION_ACTS} == {
        "sign_in", "sign_in_refused", "sign_out", "password_refused", "token_refused", "wait",
    }  # fmt: skip
    refused = {"sign_in_refused", "password_refused", "token_refused", "wait", "signing_refused"}
    assert {str(act) for act in REFUSED_ACTS} == refused
