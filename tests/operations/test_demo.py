"""The demonstration: a person for every role, a client, and thirty subjects as they stood before their event."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import pytest
from django.test import Client
from oauth2_provider.models import get_application_model

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.models import Job, JobState
from apps.operations.services.demo import CODE, CRA_SITES, PEOPLE, held_back, prepare_demo
from apps.operations.services.readiness import LOADING, is_loading
from apps.studies.domain.audience import Audience
from apps.studies.domain.readers.package import Package
from apps.studies.domain.replay import rows_known_on
from apps.studies.models import Site, Study
from apps.studies.selectors.access import audience_of, principal_of
from tests.pilot.package import ABSENT, IS_HERE, pilot_package


@pytest.mark.django_db
def test_every_role_may_sign_in_with_the_password() -> None:
    prepare_demo(password="a password of mine", client_id="client", client_secret="secret")
    for person in PEOPLE:
        form = {"username": person.username, "password": "a password of mine"}
        assert Client().post("/sign-in/", form).status_code == 302
        assert Client().post("/sign-in/", {**form, "password": "another"}).status_code == 200


@pytest.mark.django_db
def test_secrets_are_made_up_anew_until_the_first_load_is_in_and_then_kept() -> None:
    early = prepare_demo(password="", client_id="", client_secret="")
    first = prepare_demo(password="", client_id="", client_secret="")
    assert early.password != first.password
    assert is_loading()
    Job.objects.filter(kind=LOADING).update(state=JobState.DONE)
    second = prepare_demo(password="", client_id="", client_secret="")
    assert first.password
    assert first.client_secret
    assert (second.password, second.client_secret, second.client_id) == (None, None, first.client_id)
    assert User.objects.get(username="safety.author").check_password(first.password)
    assert Job.objects.filter(kind=LOADING).count() == 1


@pytest.mark.django_db
def test_everyone_is_blinded_but_the_unblinded_monitor_and_the_client() -> None:
    prepare_demo(password="", client_id="", client_secret="")
    study = Study.objects.get(code=CODE)
    unblinded = {
        user.username for user in User.objects.all() if audience_of(principal_of(user), study) is Audience.UNBLINDED
    }
    assert unblinded == {"unblinded.monitor", "api.client"}


@pytest.mark.django_db
def test_the_cra_sees_two_sites() -> None:
    prepare_demo(password="", client_id="", client_secret="")
    principal = principal_of(User.objects.get(username="cra"))
    assert set(Site.objects.visible_to(principal).values_list("code", flat=True)) == set(CRA_SITES)
    assert not principal.whole_study_ids


@pytest.mark.django_db
def test_the_client_reads_writes_imports_drafts_and_never_signs() -> None:
    made = prepare_demo(password="", client_id="mine", client_secret="my secret")
    application = get_application_model().objects.get(client_id="mine")
    study = Study.objects.get(code=CODE)
    held = principal_of(application.user).on_studies[study.pk]
    assert {Permission.WRITE_RECORDS, Permission.IMPORT_DATA, Permission.DRAFT_NARRATIVE} <= held
    assert Permission.SIGN_NARRATIVE not in held
    assert application.user.is_service_account
    assert not application.user.has_usable_password()
    assert made.client_secret == "my secret"


@pytest.fixture(scope="module")
def package() -> Package:
    if not IS_HERE:
        pytest.skip(ABSENT)
    return pilot_package()


@pytest.fixture(scope="module")
def held(package: Package) -> Mapping[str, date]:
    return held_back(package)


@pytest.mark.pilot
def test_thirty_subjects_are_held_back_to_the_day_before_their_first_event(held: Mapping[str, date]) -> None:
    assert len(held) == 30
    assert held["01-705-1186"] == date(2014, 1, 20)
    assert held["01-709-1424"] == date(2013, 3, 6), "the day before the syncope"
    assert held["01-704-1445"] == date(2014, 10, 30)


@pytest.mark.pilot
def test_a_subject_who_is_held_back_has_no_later_outcome(package: Package, held: Mapping[str, date]) -> None:
    for subject_id, day in held.items():
        known = rows_known_on(package.rows_of(subject_id), day)
        dm = next(row.values for row in known if row.domain == "DM")
        assert "DTHFL" not in dm
        assert all(str(dm.get(name, ""))[:10] <= day.isoformat() for name in ("RFENDTC", "RFXENDTC", "DTHDTC"))
        assert not [row for row in known if row.domain == "DS" and row.values.get("DSDECOD") == "ADVERSE EVENT"]


@pytest.mark.pilot
def test_what_is_known_only_grows(package: Package, held: Mapping[str, date]) -> None:
    days = [date(2013, 4, 1), date(2013, 6, 1), date(2013, 6, 20), date(2014, 1, 1)]
    counts = [len(rows_known_on(package.rows_of("01-718-1371"), day)) for day in days]
    assert all(earlier <= later for earlier, later in pairwise(counts))
    assert counts[-1] == len(package.rows_of("01-718-1371"))
