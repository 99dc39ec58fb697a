"""Outputs that somebody has read: a test holds what the code makes now against the file that was approved.

`APPROVE=1 pytest ...` writes the files again; read the difference before it is committed, for that is the review.
"""

import os
from pathlib import Path

from factory.random import reseed_random

from tests.factories import SiteFactory, StudyFactory, SubjectFactory, UserFactory


def assert_approved(text: str, path: Path) -> None:
    """Whether a text is, line by line, the approved one."""
    if os.environ.get("APPROVE") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


def same_names_again() -> None:
    """People and codes that the factories make up are the same in every run, whatever ran before."""
    reseed_random("approved")
    for made in (UserFactory, StudyFactory, SiteFactory, SubjectFactory):
        made.reset_sequence(0, force=True)
