"""The page of what is hidden: for those who know treatment; others find nothing there."""

import pytest

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.services.jobs import run_job, waiting_jobs
from apps.studies.models import BlindingRule, Record, RuleKind, RuleOrigin, Study
from tests.factories import person, treated_subject, write
from tests.studies.web.conftest import SignIn
from tests.studies.web.test_imports import text_of

PAGE = "/studies/TRIAL/blinding/"


@pytest.fixture
def monitor(study: Study) -> User:
    """Who knows treatment and decides what is hidden."""
    return person(Role.UNBLINDED_MONITOR, study, printed_name="Tomasz Nowak")


@pytest.fixture(autouse=True)
def _data(study: Study) -> None:
    subject = treated_subject(study)
    write(subject, ("EX", {"EXTRT": "MARZANOL", "EXDOSE": 81, "EXSTDTC": "2013-04-26"}))
    write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": "Marzanol paused"}))


def rule(**values: str) -> dict[str, str]:
    return {"kind": "variable", "name": "AE.AEOUT", **values}


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.CRA, Role.AUDITOR, Role.SAFETY_PHYSICIAN, Role.SAFETY_AUTHOR])
def test_the_page_is_not_there_for_blinded_readers(study: Study, signed_in: SignIn, role: Role) -> None:
    client = signed_in(person(role, study))
    made = BlindingRule.objects.create(study=study, kind=RuleKind.WORD, name="zyx", origin=RuleOrigin.PERSON)
    for path in ("", "reach/", f"{made.pk}/remove/"):
        assert client.post(f"{PAGE}{path}", rule(reason="Why")).status_code == 404, path
    assert client.get(PAGE).status_code == 404


def test_the_page_lists_what_the_data_brought_and_what_the_product_hides(monitor: User, signed_in: SignIn) -> None:
    page = text_of(signed_in(monitor).get(PAGE))
    assert "marzanol word that names a treatment the study's data" in page.replace("&#x27;", "'")
    assert "EX Exposure" in page
    assert "marker-arm high dose" in page


def test_a_rule_is_shown_with_what_it_reaches_before_it_is_made(monitor: User, signed_in: SignIn) -> None:
    answer = signed_in(monitor).post(f"{PAGE}reach/", rule())
    page = text_of(answer)
    assert "1 value or record of 1 subjects" in page
    assert "AE.AEOUT 1" in page
    assert "“RECOVERED/RESOLVED”" in page
    assert not BlindingRule.objects.filter(name="AE.AEOUT").exists()


def test_a_word_reaches_the_values_that_hold_it(monitor: User, signed_in: SignIn) -> None:
    page = text_of(signed_in(monitor).post(f"{PAGE}reach/", rule(kind="word", name="Marzanol")))
    assert "AE.AEACNOTH 1" in page
    assert "“Marzanol paused”" in page
    nowhere = text_of(signed_in(monitor).post(f"{PAGE}reach/", rule(kind="word", name="Zyxolan")))
    assert "nothing that is there" in nowhere


def test_a_test_reaches_whole_records_and_an_opened_variable_what_words_hide(monitor: User, signed_in: SignIn) -> None:
    subject = Record.objects.filter(domain="AE")[0].subject
    assert subject is not None
    write(subject, ("LB", {"LBTESTCD": "SECRET", "LBORRES": "9", "LBDTC": "2013-05-01"}))
    assert "LB 1" in text_of(signed_in(monitor).post(f"{PAGE}reach/", rule(kind="test", name="lb.secret")))
    opened = rule(kind="opened", name="AE.AEACNOTH")
    assert "AE.AEACNOTH 1" in text_of(signed_in(monitor).post(f"{PAGE}reach/", opened))


def test_a_rule_that_is_made_hides_what_is_there_and_can_be_taken_away(monitor: User, signed_in: SignIn) -> None:
    client = signed_in(monitor)
    page = text_of(client.post(PAGE, rule(reason="The site knows"), follow=True))
    assert "The rule holds from now on." in page
    assert "AE.AEOUT hidden variable a person The site knows Tomasz Nowak" in page
    _do_what_waits()
    assert Record.objects.get(domain="AE").hidden == "AEACNOTH,AEOUT"
    made = BlindingRule.objects.get(name="AE.AEOUT")
    assert "The rule was taken away." in text_of(client.post(f"{PAGE}{made.pk}/remove/", follow=True))
    _do_what_waits()
    assert Record.objects.get(domain="AE").hidden == "AEACNOTH"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (rule(name="AEOUT", reason="Why"), "expected a domain and a name"),
        (rule(reason=" "), "Say why"),
        (rule(kind="word", name="x", reason="Why"), "three characters"),
        (rule(kind="nonsense", reason="Why"), "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(monitor: User, signed_in: SignIn, values: dict[str, str], said: str) -> None:
    answer = signed_in(monitor).post(PAGE, values)
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_what_is_wrong_with_a_question_is_said(monitor: User, signed_in: SignIn) -> None:
    answer = signed_in(monitor).post(f"{PAGE}reach/", rule(name="?"))
    assert answer.status_code == 422
    assert "expected a domain and a name" in text_of(answer)


def test_a_rule_of_another_study_is_not_found(monitor: User, signed_in: SignIn) -> None:
    assert signed_in(monitor).post(f"{PAGE}999999/remove/").status_code == 404


def _do_what_waits() -> None:
    for job_id in waiting_jobs():
        run_job(job_id)
