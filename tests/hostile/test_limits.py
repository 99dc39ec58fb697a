"""What is refused in front of every view, and in which form."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.domain.roles import Role
from tests.factories import StudyFactory, UserFactory, client_account, person, treated_subject

pytestmark = pytest.mark.django_db
DEEP = "[" * 100_000


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(client_account(StudyFactory(code="TRIAL")), backend="django.contrib.auth.backends.ModelBackend")
    return client


def is_problem(answer: Any, status: int) -> bool:
    return answer.status_code == status and (
        answer["Content-Type"] == "application/problem+json" and json.loads(answer.content)["status"] == status
    )


@pytest.mark.parametrize("path", ["/api/v1/studies/a%00b/subjects/", "/api/v1/studies/?page=%00", "/o/token/?a=%00"])
def test_a_control_character_in_an_address_is_a_problem_and_not_a_fault(writer: Client, path: str) -> None:
    assert is_problem(writer.get(path), 400)


@pytest.mark.parametrize("path", ["/studies/a%00b/", "/?since=%00", "/admin/compliance/review/?q=%00"])
def test_people_get_a_page_for_it(writer: Client, path: str) -> None:
    answer = writer.get(path)
    assert answer.status_code == 400
    assert "control character" in answer.content.decode()


def test_an_endless_address_is_refused(writer: Client) -> None:
    assert is_problem(writer.get("/api/v1/studies/", {"search": "x" * 9000}), 414)
    assert writer.get(f"/studies/{'x' * 3000}/").status_code == 414


def test_a_header_with_a_control_character_is_refused(writer: Client) -> None:
    assert is_problem(writer.get("/api/v1/studies/", headers={"If-None-Match": "\x00"}), 400)
    writer.cookies[settings.SESSION_COOKIE_NAME] = "a\x00b"
    assert is_problem(writer.get("/api/v1/studies/"), 400)


@pytest.mark.parametrize("charset", ["hex", "idna", "utf-16", "undefined", "utf-7"])
def test_a_charset_other_than_utf_8_is_refused(writer: Client, charset: str) -> None:
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    assert is_problem(writer.generic("POST", "/api/v1/studies/TRIAL/imports/", b"--b--", content_type=kind), 415)


@pytest.mark.parametrize("path", ["/api/v1/nowhere/", "/o/token/", "/sign-in/"])
def test_a_body_above_the_limit_is_refused_unread(client: Client, path: str) -> None:
    answer = client.post(path, b"x" * (settings.BODY_BYTES + 1), content_type="application/json")
    assert answer.status_code == 413
    assert (answer["Content-Type"] == "application/problem+json") is not path.startswith("/sign-in")


def test_an_upload_of_a_stranger_is_refused_before_its_form_is_read(client: Client) -> None:
    answer = client.post("/studies/TRIAL/imports/new/", b"x" * (settings.BODY_BYTES + 1), content_type="text/plain")
    assert answer.status_code == 413


def test_a_foreign_host_and_too_many_fields_are_problems_at_an_address_of_programs(
    writer: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    assert is_problem(writer.get("/api/v1/studies/", headers={"Host": "evil.example"}), 400)
    answer = writer.post("/api/v1/studies/TRIAL/imports/", {f"f{n}": "x" for n in range(300)})
    assert is_problem(answer, 400)
    assert "text/html" in writer.get("/", headers={"Host": "evil.example"})["Content-Type"]


def test_a_form_of_another_sign_in_gets_a_page_that_says_so() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "another sign-in" in answer.content.decode()


@pytest.mark.parametrize("body", [DEEP, '{"a":' * 50_000, '{"reason": ' + "[" * 40 + "]" * 40 + "}"])
def test_deep_json_is_refused(writer: Client, body: str) -> None:
    answer = writer.post("/api/v1/studies/TRIAL/records/", body, content_type="application/json")
    assert is_problem(answer, 400)
    assert "nested" in json.loads(answer.content)["detail"]


@pytest.mark.parametrize(
    "record",
    [
        '{"domain": "AE", "subject_id": "\\ud800", "values": {}}',
        '{"domain": "AE", "subject_id": "1", "values": {"AETERM": "\\udfff"}}',
        '{"domain": "AE", "subject_id": "1", "values": {"\\ud800": 1}}',
        '{"domain": "AE", "subject_id": "1", "values": {"A\\u0000": 1}}',
    ],
)
def test_half_a_character_and_a_nul_in_a_name_are_refused(writer: Client, record: str) -> None:
    body = f'{{"reason": "x", "records": [{record}]}}'
    assert is_problem(writer.post("/api/v1/studies/TRIAL/records/", body, content_type="application/json"), 400)


def test_more_records_than_a_request_may_hold_are_counted_and_not_read(writer: Client) -> None:
    body = {"reason": "x", "records": [{}] * 1001}
    answer = writer.post("/api/v1/studies/TRIAL/records/", body, content_type="application/json")
    assert is_problem(answer, 400)
    assert "1,001" in answer.content.decode()
    many = {"reason": "x", "records": [{"values": list(range(200_000))}, list(range(200_000))]}
    assert is_problem(writer.post("/api/v1/studies/TRIAL/records/", many, content_type="application/json"), 400)


@pytest.mark.parametrize("headers", [{"Idempotency-Key": "x" * 201}, {"Idempotency-Key": "é"}])
def test_a_key_that_cannot_be_kept_is_refused(writer: Client, headers: dict[str, str]) -> None:
    body = {"reason": "x", "records": [{"domain": "AE", "subject_id": "1"}]}
    path = "/api/v1/studies/TRIAL/records/"
    assert is_problem(writer.post(path, body, content_type="application/json", headers=headers), 400)


@pytest.mark.parametrize("given", ['"²"', '"' + "9" * 58 + '"', '"' + "9" * 5000 + '"', "12", '"', '""', '"-1"', "*"])
def test_a_version_that_is_no_version_is_refused(writer: Client, given: str) -> None:
    body = {"reason": "x", "records": [{"domain": "AE", "subject_id": "1"}]}
    path = "/api/v1/studies/TRIAL/records/"
    answer = writer.post(path, body, content_type="application/json", headers={"If-Match": given})
    assert is_problem(answer, 400)


@pytest.mark.parametrize("value", ["²", "9" * 58, "9" * 5000, "١٢", "-1", "1e3", ""])
def test_versions_in_addresses_are_plain_numbers(client: Client, value: str) -> None:
    subject = treated_subject(StudyFactory(code="TRIAL"))
    client.force_login(person(Role.MEDICAL_MONITOR, subject.study), backend="django.contrib.auth.backends.ModelBackend")
    page, api = (
        f"/studies/TRIAL/subjects/{subject.subject_id}/",
        f"/api/v1/studies/TRIAL/subjects/{subject.subject_id}/",
    )
    for path in (f"{page}?version=", f"{page}panels/changes/?since=", f"{page}panels/timeline/?version="):
        assert client.get(path + value).status_code in {200, 404}
    for path in (f"{api}twin/?version=", f"{api}twin/diff/?from=", f"{api}twin/changes/?since="):
        assert client.get(path + value).status_code in {400, 404}


@pytest.mark.parametrize("query", ["page=0", "page=last", "page=-1", "page_size=0", "page_size=201", "page_size=x"])
def test_a_page_is_what_was_asked_for_or_refused(client: Client, query: str) -> None:
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/studies/?page=1&page_size=200").status_code == 200
    answer = client.get(f"/api/v1/studies/?{query}")
    assert is_problem(answer, 400)
    assert "expected" in answer.json()["detail"]


def twin_as_of(client: Client, at: str) -> Any:
    subject = treated_subject(StudyFactory(code="TRIAL"))
    client.force_login(person(Role.MEDICAL_MONITOR, subject.study), backend="django.contrib.auth.backends.ModelBackend")
    return client.get(f"/api/v1/studies/TRIAL/subjects/{subject.subject_id}/twin/", {"at": at})


@pytest.mark.parametrize("at", ["2013-01-01T00:00:00+99:99", "9" * 5000, "²"])
def test_what_is_no_instant_is_refused(client: Client, at: str) -> None:
    assert is_problem(twin_as_of(client, at), 400)


@pytest.mark.parametrize(("at", "version"), [("0001-01-01T00:00:00+14:00", 0), ("9999-12-31T23:59:59-12:00", 1)])
def test_an_instant_beyond_the_calendar_is_before_or_after_everything(client: Client, at: str, version: int) -> None:
    answer = twin_as_of(client, at)
    assert (answer.status_code, answer.json()["version"]) == (200, version)


def test_a_fault_at_an_address_of_programs_is_a_problem_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("apps.studies.api.studies.principal_of", broken)
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/api/v1/studies/")
    assert is_problem(answer, 500)
    assert "broken on purpose" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/docs/?script", "/api/v1/schema/", "/sign-in/"])
def test_every_answer_says_which_scripts_may_run_and_none_is_inline(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.content.decode())
