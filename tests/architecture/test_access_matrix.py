"""Who gets what at every address: pages, API, admin and sockets; an address without a row here fails."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from apps.studies.models import Subject
from clinical_platform.routing import websocket
from tests.architecture.portal import Portal, people_of, small_portal
from tests.factories import StudyFactory, treated_subject
from tests.twins.consumers.test_sockets import WAIT, session_of, socket

ACTORS = (
    "anonymous", "stranger", "superuser", "elsewhere", "cra", "monitor", "unblinded", "author", "physician", "manager",
    "auditor", "client",
)  # fmt: skip
Expected = Mapping[str, int]


def who(everyone: int, **others: int) -> Expected:
    """The status that everyone gets, and those who get another one."""
    assert others.keys() <= set(ACTORS)
    return {actor: others.get(actor, everyone) for actor in ACTORS}


def only(seen: Expected, **allowed: int) -> Expected:
    """Of those who see the thing, only these may do this to it; the others are told so with 403."""
    return {actor: allowed.get(actor, 403 if status == 200 else status) for actor, status in seen.items()}


PUBLIC = who(200)
SIGNED_IN = who(200, anonymous=302)
STUDY = who(200, anonymous=302, stranger=404, superuser=404)
SUBJECT = {**STUDY, "elsewhere": 404}
API = who(200, anonymous=401)
API_STUDY = who(200, anonymous=401, stranger=404, superuser=404)
WHOLE_STUDY = {**API_STUDY, "cra": 403, "elsewhere": 403}
API_SUBJECT = {**API_STUDY, "elsewhere": 404}
NOT_STAFF = dict.fromkeys(("anonymous", "stranger", "elsewhere", "cra", "unblinded", "manager", "client"), 302)
STAFF = who(200, **NOT_STAFF)
REVIEWS = {**STAFF, "superuser": 403}
ONE_REVIEW = {**STAFF, "superuser": 404}
NEVER = who(403, **NOT_STAFF)
# The list holds the platform's own rows for who administers it; a row of a study is only for its auditor.
TRAIL = {**NEVER, "auditor": 200, "superuser": 200}
ONE_ENTRY = {**NEVER, "auditor": 200, "superuser": 404}


@dataclass(frozen=True, slots=True)
class Row:
    """One way to use an address, and what each reader gets."""

    route: str
    path: str
    expected: Expected
    method: str = "GET"
    data: Mapping[str, Any] = field(default_factory=dict)
    is_json: bool = False


SUBJECT_ROUTE = "^studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/"
SUBJECT_PATH = "/studies/{code}/subjects/{subject}/"
NARRATIVE_ROUTE, NARRATIVE_PATH = (
    "studies/<str:code>/narratives/<uuid:narrative_id>/",
    ("/studies/{code}/narratives/{narrative}/"),
)
IMPORT_ROUTE, IMPORT_PATH = "studies/<str:code>/imports/<int:number>/", "/studies/{code}/imports/{number}/"
PANELS = ("summary", "timeline", "laboratory", "problems", "changes", "history", "medications")

PAGES = [
    Row("health/live", "/health/live", PUBLIC),
    # No worker is alive in the tests: pages are served nevertheless, and the answer names what is degraded.
    Row("health/ready", "/health/ready", PUBLIC),
    Row("favicon.ico", "/favicon.ico", who(302)),
    Row("sign-in/", "/sign-in/", who(302, anonymous=200)),
    Row("sign-out/", "/sign-out/", who(302), "POST"),
    Row("", "/", SIGNED_IN),
    Row("studies/<str:code>/", "/studies/{code}/", STUDY),
    Row("studies/<str:code>/replay/", "/studies/{code}/replay/", STUDY),
    Row("studies/<str:code>/subjects/", "/studies/{code}/subjects/", STUDY),
    Row(f"{SUBJECT_ROUTE}$", SUBJECT_PATH, SUBJECT),
    *(Row(f"{SUBJECT_ROUTE}panels/{name}/$", f"{SUBJECT_PATH}panels/{name}/", SUBJECT) for name in PANELS),
    Row(
        f"{SUBJECT_ROUTE}panels/value/$",
        f"{SUBJECT_PATH}panels/value/?record={{record}}&variable=AETERM",
        SUBJECT,
    ),
]
IMPORTS = [
    Row("studies/<str:code>/imports/", "/studies/{code}/imports/", STUDY),
    Row("studies/<str:code>/imports/new/", "/studies/{code}/imports/new/", only(STUDY, manager=200, client=200)),
    Row(IMPORT_ROUTE, IMPORT_PATH, STUDY),
    Row(f"{IMPORT_ROUTE}progress/", f"{IMPORT_PATH}progress/", STUDY),
    Row(f"{IMPORT_ROUTE}lists/<slug:name>/", f"{IMPORT_PATH}lists/values/", STUDY),
    Row(f"{IMPORT_ROUTE}rejected.csv", f"{IMPORT_PATH}rejected.csv", STUDY),
    Row(f"{IMPORT_ROUTE}receipt.json", f"{IMPORT_PATH}receipt.json", STUDY),
    Row(
        f"{IMPORT_ROUTE}confirm/",
        f"{IMPORT_PATH}confirm/",
        only(STUDY, manager=302, client=302),
        "POST",
        {"reason": "Cut of June"},
    ),
    Row(f"{IMPORT_ROUTE}cancel/", f"{IMPORT_PATH}cancel/", only(STUDY, manager=409, client=409), "POST"),
    Row(f"{IMPORT_ROUTE}discard/", f"{IMPORT_PATH}discard/", only(STUDY, manager=302, client=302), "POST"),
]
RULES = {**dict.fromkeys(ACTORS, 404), "anonymous": 302, "unblinded": 200, "client": 200}
RULE = {"kind": "variable", "name": "AE.AEREL", "reason": "Why"}
BLINDING = [
    Row("studies/<str:code>/blinding/", "/studies/{code}/blinding/", RULES),
    Row(
        "studies/<str:code>/blinding/",
        "/studies/{code}/blinding/",
        {**RULES, "unblinded": 302, "client": 403},
        "POST",
        RULE,
    ),
    Row("studies/<str:code>/blinding/reach/", "/studies/{code}/blinding/reach/", RULES, "POST", RULE),
    Row(
        "studies/<str:code>/blinding/<int:rule>/remove/",
        "/studies/{code}/blinding/999999/remove/",
        {**RULES, "unblinded": 404, "client": 404},
        "POST",
    ),
]
DRAFTERS = {"author": 302, "client": 302}
NARRATIVES = [
    Row(
        "studies/<str:code>/narratives/draft/",
        "/studies/{code}/narratives/draft/",
        only(STUDY, author=302, client=302),
        "POST",
    ),
    Row("studies/<str:code>/narratives/", "/studies/{code}/narratives/", STUDY),
    Row(NARRATIVE_ROUTE, NARRATIVE_PATH, SUBJECT),
    Row(f"{NARRATIVE_ROUTE}evidence/<int:number>/<int:sentence>/", f"{NARRATIVE_PATH}evidence/1/1/", SUBJECT),
    Row(f"{NARRATIVE_ROUTE}document/", f"{NARRATIVE_PATH}document/", SUBJECT),
    Row(f"{NARRATIVE_ROUTE}notes/", f"{NARRATIVE_PATH}notes/", SUBJECT),
    Row(f"{NARRATIVE_ROUTE}compare/", f"{NARRATIVE_PATH}compare/", SUBJECT),
    Row(f"{NARRATIVE_ROUTE}refresh/", f"{NARRATIVE_PATH}refresh/", only(SUBJECT, **DRAFTERS), "POST"),
    Row(f"{NARRATIVE_ROUTE}submit/", f"{NARRATIVE_PATH}submit/", only(SUBJECT, **DRAFTERS), "POST"),
    Row(f"{SUBJECT_ROUTE}narrative/$", f"{SUBJECT_PATH}narrative/", SUBJECT),
    Row(f"{SUBJECT_ROUTE}narrative/draft/$", f"{SUBJECT_PATH}narrative/draft/", only(SUBJECT, **DRAFTERS), "POST"),
]
EVENT = {
    "reason": "Corrected",
    "records": [{"domain": "AE", "subject_id": "{subject}", "values": {"AESPID": "E01", "AEREL": "POSSIBLE"}}],
}
API_TWIN_ROUTE, API_TWIN = f"api/v1/{SUBJECT_ROUTE}twin/", "/api/v1/studies/{code}/subjects/{subject}/twin/"
API_NARRATIVE_ROUTE, API_NARRATIVE = "api/v1/narratives/<uuid:narrative_id>/", "/api/v1/narratives/{narrative}/"
API_ROWS = [
    # The client authenticates itself with its secret; being signed in helps nobody.
    Row("o/token/", "/o/token/", who(401), "POST", {"grant_type": "client_credentials"}),
    Row("o/revoke/", "/o/revoke/", who(401), "POST", {"token": "unknown"}),
    Row("api/v1/schema/", "/api/v1/schema/", PUBLIC),
    Row("api/v1/docs/", "/api/v1/docs/", PUBLIC),
    Row("api/v1/studies/", "/api/v1/studies/", API),
    Row("api/v1/^.*$", "/api/v1/nowhere/at/all/", who(404, anonymous=401)),
    Row("api/v1/studies/<str:code>/subjects/", "/api/v1/studies/{code}/subjects/", API_STUDY),
    Row(f"{API_TWIN_ROUTE}$", API_TWIN, API_SUBJECT),
    Row(f"{API_TWIN_ROUTE}versions/$", f"{API_TWIN}versions/", API_SUBJECT),
    Row(f"{API_TWIN_ROUTE}diff/$", f"{API_TWIN}diff/?from=0", API_SUBJECT),
    Row(f"{API_TWIN_ROUTE}changes/$", f"{API_TWIN}changes/", API_SUBJECT),
    Row(
        "api/v1/studies/<str:code>/records/",
        "/api/v1/studies/{code}/records/",
        only(API_STUDY, manager=200, client=200),
        "POST",
        EVENT,
        is_json=True,
    ),
    Row(
        "api/v1/studies/<str:code>/imports/",
        "/api/v1/studies/{code}/imports/",
        only(API_STUDY, manager=202, client=202),
        "POST",
        {"files": "dm.csv"},
    ),
    Row("api/v1/studies/<str:code>/imports/<uuid:run_id>/", "/api/v1/studies/{code}/imports/{run}/", API_STUDY),
    Row("api/v1/studies/<str:code>/jobs/", "/api/v1/studies/{code}/jobs/", WHOLE_STUDY),
    Row(
        "api/v1/studies/<str:code>/jobs/<uuid:job_id>/retry/",
        "/api/v1/studies/{code}/jobs/{job}/retry/",
        # The job of the import is done; who may import is told that there is nothing to retry.
        only(WHOLE_STUDY, manager=409, client=409),
        "POST",
        is_json=True,
    ),
    Row("api/v1/studies/<str:code>/narratives/", "/api/v1/studies/{code}/narratives/", API_STUDY),
    Row(
        "api/v1/studies/<str:code>/narratives/",
        "/api/v1/studies/{code}/narratives/",
        only(API_SUBJECT, author=202, client=202),
        "POST",
        {"subject_id": "{subject}"},
        is_json=True,
    ),
    Row(API_NARRATIVE_ROUTE, API_NARRATIVE, API_SUBJECT),
    Row(
        f"{API_NARRATIVE_ROUTE}refresh/",
        f"{API_NARRATIVE}refresh/",
        only(API_SUBJECT, author=409, client=409),
        "POST",
        is_json=True,
    ),
    Row(
        f"{API_NARRATIVE_ROUTE}submit/",
        f"{API_NARRATIVE}submit/",
        only(API_SUBJECT, author=409, client=409),
        "POST",
        is_json=True,
    ),
]
REVIEW, ENTRY = "admin/compliance/review/", "admin/compliance/trailentry/"
REFUSED_DECISION = {"decision": "reject", "meaning": "approval", "reason": "Wrong subject", "seen_sha256": "-"}
ADMIN = [
    Row("admin/", "/admin/", STAFF),
    Row("admin/login/", "/admin/login/", who(302, **{**dict.fromkeys(NOT_STAFF, 403), "anonymous": 200})),
    Row("admin/logout/", "/admin/logout/", who(302), "POST"),
    # One page sets one's own password, and the admin's leads to it.
    Row("password/", "/password/", SIGNED_IN),
    Row("admin/password_change/", "/admin/password_change/", who(302)),
    Row("admin/password_change/done/", "/admin/password_change/done/", STAFF),
    Row("admin/autocomplete/", "/admin/autocomplete/", NEVER),
    Row("admin/jsi18n/", "/admin/jsi18n/", STAFF),
    Row("admin/r/<path:content_type_id>/<path:object_id>/", "/admin/r/0/0/", who(404, **NOT_STAFF)),
    Row("admin/(?P<url>.*)$", "/admin/nothing-here/", who(404, **NOT_STAFF)),
    Row(
        "admin/^(?P<app_label>compliance|accounts|core)/$",
        "/admin/compliance/",
        STAFF,
    ),
    Row(REVIEW, f"/{REVIEW}", REVIEWS),
    Row(f"{REVIEW}<uuid:review_id>/decide/", f"/{REVIEW}{{review}}/decide/", ONE_REVIEW),
    Row(
        f"{REVIEW}<uuid:review_id>/decide/",
        f"/{REVIEW}{{review}}/decide/",
        {**only(ONE_REVIEW, monitor=302, physician=302), "superuser": 404},
        "POST",
        REFUSED_DECISION,
    ),
    Row(f"{REVIEW}add/", f"/{REVIEW}add/", NEVER),
    Row(f"{REVIEW}<path:object_id>/delete/", f"/{REVIEW}{{review}}/delete/", NEVER),
    Row(f"{REVIEW}<path:object_id>/history/", f"/{REVIEW}{{review}}/history/", {**REVIEWS, "superuser": 302}),
    # A review has one page, to which these lead.
    Row(f"{REVIEW}<path:object_id>/change/", f"/{REVIEW}{{review}}/change/", who(302)),
    Row(f"{REVIEW}<path:object_id>/", f"/{REVIEW}{{review}}/", who(302)),
    Row(ENTRY, f"/{ENTRY}", TRAIL),
    Row(f"{ENTRY}add/", f"/{ENTRY}add/", NEVER),
    Row(f"{ENTRY}<path:object_id>/delete/", f"/{ENTRY}{{entry}}/delete/", NEVER),
    # A history asks for its object before the right.
    Row(f"{ENTRY}<path:object_id>/history/", f"/{ENTRY}{{entry}}/history/", {**who(302), "auditor": 200}),
    Row(f"{ENTRY}<path:object_id>/change/", f"/{ENTRY}{{entry}}/change/", ONE_ENTRY),
    Row(f"{ENTRY}<path:object_id>/", f"/{ENTRY}{{entry}}/", who(302)),
]
JOB = "admin/core/job/"
JOBS = [
    Row(JOB, f"/{JOB}", STAFF),
    Row(f"{JOB}add/", f"/{JOB}add/", NEVER),
    Row(f"{JOB}<path:object_id>/delete/", f"/{JOB}{{job}}/delete/", NEVER),
    Row(f"{JOB}<path:object_id>/history/", f"/{JOB}{{job}}/history/", STAFF),
    Row(f"{JOB}<path:object_id>/change/", f"/{JOB}{{job}}/change/", STAFF),
    Row(f"{JOB}<path:object_id>/", f"/{JOB}{{job}}/", who(302)),
]
ACT = "admin/accounts/administrativeact/"
ADMINISTRATORS = {**NEVER, "superuser": 200}
ACTS = [
    Row(ACT, f"/{ACT}", ADMINISTRATORS),
    Row(f"{ACT}ask/", f"/{ACT}ask/", who(404, superuser=200, **NOT_STAFF)),
    Row(f"{ACT}<int:act_id>/decide/", f"/{ACT}{{act}}/decide/", who(404, superuser=200, **NOT_STAFF)),
    # Who asked for an act does not approve it.
    Row(
        f"{ACT}<int:act_id>/decide/",
        f"/{ACT}{{act}}/decide/",
        who(404, superuser=403, **NOT_STAFF),
        "POST",
        {"decision": "approve"},
    ),
    Row(f"{ACT}add/", f"/{ACT}add/", NEVER),
    Row(f"{ACT}<path:object_id>/delete/", f"/{ACT}{{act}}/delete/", NEVER),
    Row(f"{ACT}<path:object_id>/history/", f"/{ACT}{{act}}/history/", {**who(302), "superuser": 200}),
    Row(f"{ACT}<path:object_id>/change/", f"/{ACT}{{act}}/change/", who(302)),
    Row(f"{ACT}<path:object_id>/", f"/{ACT}{{act}}/", who(302)),
]
MATRIX = [*PAGES, *IMPORTS, *BLINDING, *NARRATIVES, *API_ROWS, *ADMIN, *ACTS, *JOBS]
SOCKET_READERS = frozenset(ACTORS) - {"anonymous", "stranger", "superuser"}
SOCKETS = {
    "^ws/studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/$": (
        "/ws/studies/{code}/subjects/{subject}/",
        SOCKET_READERS - {"elsewhere"},
    ),
    "^ws/studies/(?P<code>[^/]+)/$": ("/ws/studies/{code}/", SOCKET_READERS),
    "^": ("/ws/nowhere/", frozenset()),
}


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every route of the portal as the URL configuration spells it."""
    for found in resolver.url_patterns:
        route = f"{before}{found.pattern}"
        if isinstance(found, URLResolver):
            yield from routes(found, route)
        else:
            assert isinstance(found, URLPattern)
            yield route


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(routes(get_resolver())) == {row.route for row in MATRIX}


def test_every_socket_has_a_row() -> None:
    router: Any = websocket
    assert {str(route.pattern) for route in router.inner.routes} == SOCKETS.keys()


@pytest.fixture
def portal(db: None, settings: Settings, tmp_path: Path) -> Portal:
    settings.IMPORT_FILES_DIR = tmp_path
    return small_portal()


@pytest.mark.requirement("P11-10d")
@pytest.mark.requirement("H-a1")
def test_each_reader_gets_at_each_address_what_the_matrix_says(portal: Portal) -> None:
    wrong = [line for actor in ACTORS for line in _contradictions(portal, actor)]
    assert not wrong, "\n".join(wrong)


def _contradictions(portal: Portal, actor: str) -> Iterator[str]:
    """Where the portal answers one reader otherwise than the matrix says."""
    client = Client(raise_request_exception=False)
    if actor != "anonymous":
        client.force_login(portal.people[actor], backend="django.contrib.auth.backends.ModelBackend")
    cookies = client.cookies.output()
    for row in MATRIX:
        if actor in row.expected:
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
            status = _status(client, portal, row)
            if status != row.expected[actor]:
                yield f"{row.method} {row.route or '/'} as {actor}: got {status}, expected {row.expected[actor]}"


def _status(client: Client, portal: Portal, row: Row) -> int:
    """The status of one request; what it changed is undone."""
    with transaction.atomic():
        path = portal.fill(row.path)
        if row.method == "GET":
            answer = client.get(path)
        else:
            kind = {"content_type": "application/json"} if row.is_json else {}
            answer = client.post(path, _filled(portal, row.data), **kind)
        transaction.set_rollback(True)
    return answer.status_code


def _filled(portal: Portal, value: Any) -> Any:
    """A body with its placeholders filled; a name of a file becomes a file."""
    if isinstance(value, dict):
        return {key: _filled(portal, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(portal, inner) for inner in value]
    if value == "dm.csv":
        return SimpleUploadedFile("dm.csv", b"STUDYID,DOMAIN,USUBJID\nS1,DM,01-1\n")
    return value.format(subject=portal.subject.subject_id) if isinstance(value, str) else value


@pytest.mark.requirement("H-a1")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", SOCKETS)
async def test_sockets_open_for_those_who_see_what_they_follow(route: str) -> None:
    path, readers = SOCKETS[route]

    def a_subject() -> tuple[Subject, dict[str, Any]]:
        found = treated_subject(StudyFactory())
        return found, {name: session_of(user) for name, user in people_of(found.study, found).items()}

    subject, sessions = await sync_to_async(a_subject)()
    address = path.format(code=subject.study.code, subject=subject.subject_id)
    opened = set()
    for actor in ACTORS:
        communicator = await socket(address, sessions.get(actor))
        if (await communicator.connect(timeout=WAIT))[0]:
            opened.add(actor)
            await communicator.disconnect()
    assert opened == readers
