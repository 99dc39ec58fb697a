"""Small cuts in every format, sent through the API, and all that their sender is told of what became of them."""

import csv
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pyreadstat
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from apps.studies.models import ImportRun
from tests.blinding.worlds import World, run_waiting

Rows = list[dict[str, Any]]


def told_of(world: World, cut: Mapping[str, Rows], suffix: str, *, dry_run: bool) -> list[str]:
    """What a data manager is told of an import, at every address that tells of it."""
    answer = upload(world, "manager", cut, suffix, dry_run=dry_run)
    run = ImportRun.objects.get(pk=answer.json()["id"])
    page = f"/studies/{{code}}/imports/{run.number}/"
    told = [f"/api/v1/studies/{{code}}/imports/{run.pk}/", page, f"{page}receipt.json", f"{page}rejected.csv"]
    told += [f"{page}lists/{name}/" for name in ("values", "withdrawn", "judgements", "not-in-files", "rejected")]
    return [world.spelled(answer), *(world.get("manager", path) for path in told)]


def upload(world: World, actor: str, cut: Mapping[str, Rows], suffix: str, *, dry_run: bool = False) -> HttpResponse:
    """Send a cut, and do the work that it makes."""
    uploads = [_file(domain, rows, suffix) for domain, rows in cut.items()]
    answer = world.as_(actor).post(
        f"/api/v1/studies/{world.study.code}/imports/",
        {"files": uploads, "dry_run": str(dry_run).lower(), "reason": "Cut of June"},
    )
    run_waiting()
    assert isinstance(answer, HttpResponse)
    return answer


def _file(domain: str, rows: Rows, suffix: str) -> SimpleUploadedFile:
    kept = "RDOMAIN" in rows[0] and domain != "CO"
    full = [row if kept else {"DOMAIN": domain, **row} for row in rows]
    return SimpleUploadedFile(f"{domain.lower()}.{suffix}", _content(suffix, json.dumps(full)))


@cache
def _content(suffix: str, rows_as_json: str) -> bytes:
    """The bytes of a file; made once, because some formats hold the moment at which they were written."""
    rows = json.loads(rows_as_json)
    return _WRITERS[suffix](list(dict.fromkeys(name for row in rows for name in row)), rows)


def _csv(names: list[str], rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(names: list[str], rows: Rows) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(rows).select(names).write_parquet(content)
    return content.getvalue()


def _xport(names: list[str], rows: Rows) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.xpt"
        pyreadstat.write_xport(pl.DataFrame(rows).select(names), str(path), table_name="FILE", file_format_version=5)
        return path.read_bytes()


_WRITERS = {"csv": _csv, "parquet": _parquet, "xpt": _xport}
