"""Outputs that somebody has read: a test holds what the code makes now against the file that was approved.

`APPROVE=1 pytest ...` writes the files again; read the difference before it is committed, for that is the review.
"""

import os
from pathlib import Path


def assert_approved(text: str, path: Path) -> None:
    """Whether a text is, line by line, the approved one."""
    if os.environ.get("APPROVE") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()
