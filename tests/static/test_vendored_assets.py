"""What browsers are served from others is exactly what was looked at, licensed, and small."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from scripts.vendor_assets import VENDOR, main, problems, read_manifest

STATIC = VENDOR.parent
JAVASCRIPT_LIMIT = 60_000


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VENDOR, tmp_path / "vendor"))


def test_every_vendored_file_is_as_the_manifest_says():
    assert problems(VENDOR) == []


def test_every_package_comes_with_its_licence():
    licensed = {asset.name for asset in read_manifest(VENDOR) if asset.source == "LICENSE"}
    assert licensed == {asset.name for asset in read_manifest(VENDOR)}


def test_an_altered_file_is_named_with_what_was_got_and_expected(vendor, capsys):
    (vendor / "htmx" / "htmx.min.js").write_text("altered")
    (problem,) = problems(vendor)
    assert problem.startswith("htmx/htmx.min.js has SHA-256 ")
    assert main(["check"], vendor) == 1
    assert problem in capsys.readouterr().out


def test_a_missing_and_an_unnamed_file_are_problems(vendor):
    (vendor / "htmx" / "htmx.min.js").rename(vendor / "htmx" / "other.js")
    assert problems(vendor) == [
        "htmx/other.js is not in the manifest; add it there or delete it",
        "htmx/htmx.min.js is missing; run scripts/vendor_assets.py fetch",
    ]


def test_the_check_passes_on_an_untouched_copy(vendor, capsys):
    assert main([], vendor) == 0
    assert "as the manifest says" in capsys.readouterr().out


def test_the_manifest_gives_name_version_licence_and_hash_of_each_file():
    for entry in json.loads((VENDOR / "manifest.json").read_text())["assets"]:
        assert set(entry) == {"name", "version", "licence", "source", "file", "sha256"}
        assert all(entry.values())


def test_all_javascript_together_stays_within_its_budget():
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in STATIC.rglob("*.js")}
    assert sum(sizes.values()) < JAVASCRIPT_LIMIT, sizes
