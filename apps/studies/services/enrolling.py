"""A subject exists from its demographics on."""

from collections.abc import Sequence

from apps.accounts.domain.roles import Permission
from apps.studies.domain.principal import Principal
from apps.studies.domain.upserts import Submitted
from apps.studies.domain.values import canonical_value
from apps.studies.models import Site, Study, Subject
from apps.studies.selectors.access import require


def enrol_subject(*, study: Study, subject_id: str, site_code: str, country: str = "") -> Subject:
    """The subject of this USUBJID, created at its site when it is new."""
    site, _ = Site.objects.get_or_create(study=study, code=site_code, defaults={"country": country})
    subject, _ = Subject.objects.get_or_create(study=study, subject_id=subject_id, defaults={"site": site})
    return subject


def enrol_from_demographics(
    *, principal: Principal, study: Study, subject_id: str, group: Sequence[Submitted]
) -> Subject | None:
    """Enrol a subject whose DM record with SITEID is among the submitted ones; None when it is not.

    A subject that exists but is not visible to the principal stays invisible.
    """
    sites = _texts(group, "SITEID")
    if not sites or Subject.objects.filter(study=study, subject_id=subject_id).exists():
        return None
    require(principal, Permission.WRITE_RECORDS, study)
    country = next(iter(_texts(group, "COUNTRY")), "")
    return enrol_subject(study=study, subject_id=subject_id, site_code=sites[0], country=country)


def _texts(group: Sequence[Submitted], variable: str) -> list[str]:
    """What the submitted DM records say of a variable, judged as any value is; InvalidValueError where it is none."""
    given = (canonical_value("DM", variable, r.values.get(variable)) for r in group if r.domain == "DM")
    return [str(value) for value in given if value is not None]
