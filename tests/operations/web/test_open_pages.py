"""An open page is never behind what it says: whatever a change alters on it is reached by what the change announces.

Every page is read before and after each kind of change. A part that shows something else afterwards must follow one of
the sections that were announced to the page's socket; what follows nothing must not change.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, TestCase
from django.urls import reverse

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.grants import grant_role
from apps.compliance.domain.workflow import Step
from apps.compliance.services.reviewing import move_review
from apps.core.domain.errors import InvalidInputError
from apps.core.services import jobs
from apps.narratives.models import Narrative
from apps.narratives.services.drafting import DRAFT_JOB, refresh_narrative, start_narrative, submit_narrative
from apps.studies.domain.audience import Audience
from apps.studies.domain.panels import PANELS
from apps.studies.models import ImportRun, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.import_runs import confirm_import, discard_import
from apps.twins.consumers.hub import changed_text
from apps.twins.services import announcing
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import review_of, sign
from tests.factories import SEIZURE, StudyFactory, person, write
from tests.operations.web.open_pages import OpenPage, opened
from tests.studies.services.packages import ae, dm, ex, imported, started
from tests.twins.web.subjects import full_subject, result

pytestmark = pytest.mark.django_db

Messages = list[Mapping[str, Any]]


class Scene:
    """A study at work, a reader with every page open, and the acts that change what the pages show."""

    def __init__(self) -> None:
        self.study: Study = StudyFactory(code="TRIAL", protocol_id="S1")
        self.subject = full_subject(self.study)
        self.author = person(Role.SAFETY_AUTHOR, self.study)
        self.physician = person(Role.SAFETY_PHYSICIAN, self.study)
        self.manager = person(Role.DATA_MANAGER, self.study)
        self.run: ImportRun | None = None

    @property
    def narrative(self) -> Narrative:
        return Narrative.objects.get(subject=self.subject)

    def draft(self) -> None:
        start_narrative(principal=principal_of(self.author), user=self.author, subject=self.subject)

    def refresh(self) -> None:
        refresh_narrative(principal=principal_of(self.author), user=self.author, narrative=self.narrative)

    def submit(self) -> None:
        submit_narrative(principal=principal_of(self.author), user=self.author, narrative=self.narrative)

    def request_changes(self) -> None:
        review = review_of(self.narrative)
        move_review(review=review, step=Step.REQUEST_CHANGES, actor=self.physician, reason="Say more of the seizure")

    def sign(self) -> None:
        sign(review_of(self.narrative), self.physician)

    def change_event(self) -> None:
        write(self.subject, ("AE", {**SEIZURE, "AEOUT": "FATAL", "AEREL": "PROBABLE"}))

    def record_death(self) -> None:
        write(self.subject, ("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-08"}))

    def add_result(self) -> None:
        write(self.subject, ("LB", result(200, "2013-07-05T09:00")))

    def change_dose(self) -> None:
        write(self.subject, ("EX", {"EXTRT": "MARKERDRUG", "EXDOSE": 99, "EXDOSU": "mg", "EXSTDTC": "2013-04-26"}))

    def begin_import(self) -> None:
        rows = {"DM": [dm(1), dm(2)], "AE": [ae(1, "E1", "SYNCOPE", AESER="Y", AESHOSP="Y")], "EX": [ex(1, 54)]}
        self.run = started(self.manager, self.study, rows, check_only=True)

    def confirm(self) -> None:
        assert self.run is not None
        self.run.refresh_from_db()
        confirm_import(principal=principal_of(self.manager), user=self.manager, run=self.run, reason="Transfer 7")

    def discard(self) -> None:
        assert self.run is not None
        self.run.refresh_from_db()
        discard_import(principal=principal_of(self.manager), run=self.run)


STEPS: Mapping[str, tuple[Callable[[Scene], None], ...]] = {
    "record": (Scene.add_result, Scene.change_event),
    "death": (Scene.record_death,),
    "treatment": (Scene.change_dose,),
    "review": (Scene.draft, lambda scene: run_waiting(), Scene.submit, Scene.request_changes),
    "stale": (
        Scene.draft, lambda scene: run_waiting(), Scene.submit, Scene.sign,
        Scene.change_event, lambda scene: run_waiting(), Scene.refresh, lambda scene: run_waiting(),
    ),
    "import": (Scene.begin_import, lambda scene: run_waiting(), Scene.confirm, lambda scene: run_waiting()),
    "import put aside": (Scene.begin_import, lambda scene: run_waiting(), Scene.discard),
}  # fmt: skip
# Who writes and who knows the treatment sees every kind of change; the others what their own pages tell of.
READERS = [
    *((kind, role) for kind in STEPS for role in (Role.SAFETY_AUTHOR, Role.UNBLINDED_MONITOR)),
    *(("stale", role) for role in (Role.SAFETY_PHYSICIAN, Role.CRA, Role.AUDITOR)),
    ("import", Role.DATA_MANAGER),
]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    sent: Messages = []
    monkeypatch.setattr(announcing, "send_to_group", lambda group, message: sent.append(message))
    return sent


def addresses(scene: Scene) -> list[str]:
    """Every page of the study that is there now, some with something chosen in them."""
    code, subject = scene.study.code, scene.subject
    twin = reverse("subject", args=[code, subject.subject_id])
    found = [reverse("home"), reverse("study", args=[code]), reverse("subjects", args=[code]), twin]
    found += [reverse("narratives", args=[code]), reverse("imports", args=[code]), f"{twin}?lab=all"]
    found += [reverse("import", args=[code, run.number]) for run in ImportRun.objects.filter(study=scene.study)]
    for narrative in Narrative.objects.filter(study=scene.study):
        page = reverse("narrative", args=[code, narrative.pk])
        found.append(page)
        if narrative.versions.exists():
            found += [reverse(name, args=[code, narrative.pk]) for name in ("narrative-compare", "narrative-notes")]
        found += [*(f"{page}?version={v.number}&sentence=2" for v in narrative.versions.all())]
    return found


def reached(page: OpenPage, subject: Subject, audience: Audience, messages: Messages) -> set[str]:
    """Sections that were announced to the socket of a page."""
    of_study = page.live_url == f"/ws/studies/{subject.study.code}/"
    found: set[str] = set()
    for message in messages:
        if message["kind"] == "of_study" and of_study:
            found |= set(message["sections"])
        if message["kind"] == "changed" and (of_study or message["subject"] == subject.pk):
            blinded = audience is Audience.BLINDED
            if changed_text(message, audience) is not None:
                found |= set(message["blinded_sections" if blinded else "sections"])
    return found


@pytest.mark.parametrize(("kind", "role"), READERS)
def test_whatever_changes_on_an_open_page_is_reached(kind: str, role: Role, scene: Scene, messages: Messages) -> None:
    client, audience = client_of(person(role, scene.study)), audience_of_role(role)
    for number, step in enumerate(STEPS[kind], start=1):
        before = {address: opened(client, address) for address in addresses(scene)}
        messages.clear()
        with TestCase.captureOnCommitCallbacks(execute=True):
            step(scene)
        for address, page in before.items():
            assert_reached(f"step {number} {address}", page, opened(client, address), scene, audience, messages)


def assert_reached(
    what: str, before: OpenPage, after: OpenPage, scene: Scene, audience: Audience, messages: Messages
) -> None:
    assert before.live_url, what
    # A part that fetches itself may bring other parts with it, or leave none.
    assert after.rest == before.rest or before.parts.keys() - after.parts.keys(), what
    heard = reached(before, scene.subject, audience, messages)
    for name, part in before.parts.items():
        later = after.parts.get(name)
        if later is None or later.words != part.words:
            assert part.sections & heard, (what, name, heard, part.words, later and later.words)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def audience_of_role(role: Role) -> Audience:
    return Audience.UNBLINDED if role is Role.UNBLINDED_MONITOR else Audience.BLINDED


def test_a_page_of_the_past_follows_nothing(scene: Scene) -> None:
    client = client_of(scene.author)
    page = opened(client, reverse("subject", args=[scene.study.code, scene.subject.subject_id]) + "?version=1")
    assert page.live_url == ""
    assert not page.parts


def test_a_page_that_is_not_there_opens_no_socket(scene: Scene) -> None:
    client = client_of(scene.author)
    for address in ("/studies/TRIAL/subjects/nobody/", "/studies/TRIAL/imports/99/", "/nowhere/"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert b'data-live-url=""' in answer.content


def test_other_rights_are_told_to_who_has_them(scene: Scene, messages: Messages) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        grant_role(user=scene.author, role=Role.AUDITOR, study_code=scene.study.code, on=scene.study)
    assert {"kind": "access", "user": scene.author.pk} in messages


def test_a_draft_that_cannot_be_written_is_announced_when_it_is_given_up(
    scene: Scene, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(job_run: object) -> None:
        raise InvalidInputError("The subject has no event to tell.")

    monkeypatch.setitem(jobs._handlers, DRAFT_JOB, (refused, jobs.policy_of(DRAFT_JOB)))
    client = client_of(scene.author)
    with TestCase.captureOnCommitCallbacks(execute=True):
        scene.draft()
    page = reverse("narrative", args=[scene.study.code, scene.narrative.pk])
    before = opened(client, page)
    messages.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        run_waiting()
    after = opened(client, page)
    assert "The subject has no event to tell." in after.parts["document"].words
    assert_reached(page, before, after, scene, Audience.BLINDED, messages)


def test_every_part_that_follows_is_in_the_registry_and_every_panel_of_it_on_a_page() -> None:
    """A template names its panel; the sections it follows stand in one place."""
    templates = Path(settings.BASE_DIR) / "templates"
    named: set[str] = set()
    for file in templates.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert 'data-sections="' not in text.replace('data-sections="{{ place.sections }}"', ""), file
        named |= {panel for panel in PANELS if f'"{panel}"' in text or f"places.{panel}" in text}
    assert set(PANELS) - named == set()


def test_an_import_of_one_subject_is_told_to_the_list_and_to_its_own_page_alone(
    scene: Scene, messages: Messages
) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        run = imported(scene.manager, scene.study, {"DM": [dm(1)]}, check_only=True)
    told = [message["sections"] for message in messages if message["kind"] == "of_study"]
    assert told
    assert all(sections == ["imports", f"import-{run.number}"] for sections in told)
