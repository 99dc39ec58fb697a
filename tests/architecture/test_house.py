"""House rules that no tool checks: short files, short functions, pure domains, named migrations."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts]
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_outgrows_one_reason_to_change() -> None:
    long = {
        str(path): n for path in SOURCES if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.name}:{node.name}": size
        for path in SOURCES
        for node in functions(path)
        if (size := (node.end_lineno or 0) - node.lineno) > LONGEST_FUNCTION
    }
    assert not long


def test_first_party_imports_stand_at_the_top() -> None:
    """Except where apps are wired, and where a writer must not cost every process its import."""
    late = {
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in SOURCES
        if path.name != "apps.py"
        for node in functions(path)
        for inner in ast.walk(node)
        if isinstance(inner, ast.ImportFrom) and (inner.module or "").startswith("apps.")
    }
    assert {place.rpartition(":")[0] for place in late} <= {"apps/narratives/services/drafting.py"}


def test_every_module_says_why_it_exists() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


JUDGED = re.compile(r"\b(DTHFL|DSDECOD|LBNRIND|AESER|AEOUT)\b")
VARIABLE_TABLES = {"variable_labels.py", "ranges.py"}


def test_what_a_record_means_is_judged_in_one_room() -> None:
    """Two places that judge the same value disagree one day: they did, on deaths, seriousness and limits."""
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.parent != ROOT / "apps/studies/domain/clinical"
        and path.name not in VARIABLE_TABLES
        and JUDGED.search(path.read_text(encoding="utf-8"))
    ]
    assert not elsewhere


def test_records_and_their_values_are_named_in_one_place() -> None:
    """An id that is cut where it is needed is cut wrongly where a name holds a dot."""
    cutting = [
        str(path.relative_to(ROOT))
        for room in ("twins", "narratives", "operations")
        for path in (ROOT / "apps" / room).rglob("*.py")
        if re.search(r"""partition\(["'][./]["']\)""", path.read_text(encoding="utf-8"))
    ]
    assert cutting == ["apps/narratives/domain/realiser/grammar.py"]  # the decimals of a number


def test_migrations_are_named() -> None:
    names = [path.stem for path in (ROOT / "apps").rglob("migrations/0*.py")]
    assert names
    assert not [name for name in names if re.search(r"auto_\d|_alter_.*_and_more$", name)]


@pytest.mark.parametrize("room", ["core", "accounts", "studies", "twins", "compliance", "narratives"])
def test_a_domain_loads_without_django(room: str) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "apps" / room / "domain").rglob("*.py")
        if path.name != "__init__.py"
    ]
    lines = "\n".join(f"import {module}" for module in modules)
    script = f"{lines}\nimport sys\nassert 'django' not in sys.modules and 'langchain_core' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_a_web_process_loads_no_language_model_library() -> None:
    script = (
        "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'clinical_platform.settings.test'\n"
        "import clinical_platform.asgi\nassert not [m for m in sys.modules if m.startswith('langchain')]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_rights_are_granted_by_approved_acts_and_by_whoever_runs_the_machine_only() -> None:
    """No page or API grants a role or makes an application on the word of one person."""
    callers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if re.search(
            r"\b(?:grant_role|make_application|rotate_secret|set_password)\(", path.read_text(encoding="utf-8")
        )
    }
    assert callers == {
        "apps/accounts/services/administrative_acts.py",
        "apps/accounts/services/applications.py",
        "apps/accounts/services/grants.py",
        "apps/accounts/services/reauthentication.py",
        "apps/operations/services/demo.py",
    }


@pytest.mark.parametrize("document", ["house.md", "adding.md", "next.md"])
def test_files_that_the_documents_name_are_there(document: str) -> None:
    """A guide to what was moved leads nowhere."""
    text = (ROOT / "docs" / "design" / document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:apps|tests|docs|templates|scripts)/[\w./]+)`", text))
    assert not {name for name in named if not (ROOT / name).exists()}
