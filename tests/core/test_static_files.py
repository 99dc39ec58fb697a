"""Static files reach a browser compressed and once, under names that change with them; every page has an icon."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.operations.services import embedded
from apps.operations.services.embedded import prepare_static_files
from tests.factories import UserFactory

HASHED = "apps.core.static_files.HashedStatic"
LINK = re.compile(r'(?:src|href)="(/static/[^"]+)"')
FOR_GOOD = "max-age=315360000, public, immutable"


@pytest.fixture
def collected(settings: Any, tmp_path: Path) -> Path:
    """What the start of the embedded portal makes, of the portal's own files."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": HASHED}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.WHITENOISE_USE_FINDERS = False
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path / "static"


@pytest.mark.django_db
@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_every_file_of_a_page_is_compressed_and_kept_for_good(collected: Path, coding: str) -> None:
    client = Client()
    linked = LINK.findall(client.get("/sign-in/").content.decode())
    assert len(linked) > 15
    for address in linked:
        with closing(client.get(address, headers={"Accept-Encoding": coding})) as answer:
            assert (answer.status_code, answer["Cache-Control"]) == (200, FOR_GOOD), address
            # Fonts are compressed in themselves.
            if not address.endswith(".woff2"):
                assert (answer["Content-Encoding"], answer["Vary"]) == (coding, "Accept-Encoding"), address


def test_scripts_and_styles_name_what_they_load_by_its_hash(collected: Path) -> None:
    live = next(collected.glob("js/live.*.js")).read_text(encoding="utf-8")
    assert re.findall(r'from "\./(\w+\.js)"', live) == []
    assert len(re.findall(r'from "\./\w+\.[0-9a-f]{12}\.js"', live)) >= 4
    fonts = next(collected.glob("css/fonts.*.css")).read_text(encoding="utf-8")
    assert len(re.findall(r"normal\.[0-9a-f]{12}\.woff2", fonts)) >= 3


@pytest.mark.django_db
def test_pages_are_there_although_nothing_was_collected(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": HASHED}}
    assert "/static/css/base.css" in Client().get("/sign-in/").content.decode()


@pytest.mark.django_db
def test_the_start_collects_what_changed_and_nothing_twice(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, made = tmp_path / "source", []
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "static", [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    monkeypatch.setattr(embedded, "connection", type("Sqlite", (), {"vendor": "sqlite"}))
    monkeypatch.setattr(embedded, "call_command", lambda *names, **options: made.append(names))
    for folder in (source, settings.STATIC_ROOT):
        folder.mkdir()
    for text in ("a {}", "a {}", "a { color: red }"):
        (source / "one.css").write_text(text, encoding="utf-8")
        prepare_static_files()
        prepare_static_files()
    assert len(made) == 3


@pytest.mark.django_db
def test_every_kind_of_page_has_the_icon(client: Client) -> None:
    client.force_login(
        UserFactory(is_superuser=True, is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
    )
    for address in ("/", "/admin/", "/admin/accounts/user/", "/api/v1/docs/", "/nowhere/", "/password/"):
        page = client.get(address).content.decode()
        assert '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">' in page, address
    with closing(client.get("/favicon.ico", follow=True)) as asked:
        assert (asked.status_code, asked["Content-Type"]) == (200, "image/svg+xml")
