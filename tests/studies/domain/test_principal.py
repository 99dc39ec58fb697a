"""Rights are asked of the grants alone: on a study, on a site, and nowhere else."""

import pytest

from apps.accounts.domain.roles import Permission
from apps.studies.domain.principal import Principal

DRAFT, VIEW = Permission.DRAFT_NARRATIVE, Permission.VIEW
WHOLE = Principal(1, "whole", on_studies={7: frozenset({VIEW, DRAFT})})
LOCAL = Principal(
    2,
    "local",
    on_sites={70: frozenset({VIEW, DRAFT}), 71: frozenset({VIEW}), 80: frozenset({DRAFT})},
    study_of_site={70: 7, 71: 7, 80: 8},
)


@pytest.mark.parametrize(
    ("principal", "study", "sites", "anywhere"),
    [
        (WHOLE, 7, [], True),
        (WHOLE, 8, [], False),
        (LOCAL, 7, [70], True),
        (LOCAL, 8, [80], True),
        (LOCAL, 9, [], False),
    ],
)
def test_a_right_is_held_on_a_study_or_on_some_of_its_sites(
    principal: Principal, study: int, sites: list[int], anywhere: bool
) -> None:
    assert principal.sites_with(DRAFT, study) == sites
    assert principal.may_anywhere(DRAFT, study) is anywhere


def test_a_right_that_was_not_granted_is_held_nowhere() -> None:
    assert LOCAL.sites_with(Permission.IMPORT_DATA, 7) == []
    assert not LOCAL.may_anywhere(Permission.IMPORT_DATA, 7)
