"""Where a subject is: enrolled at the site of its demographics, and moved when these name another one."""

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.domain.roles import Permission
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.principal import Principal
from apps.studies.domain.upserts import Submitted
from apps.studies.domain.values import InvalidValueError, canonical_value
from apps.studies.models import ChangeSet, Site, SiteTransfer, Study, Subject
from apps.studies.selectors.access import require
from apps.studies.services.events import SubjectMove, subject_moved, subject_moving


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
    # Asked of the whole study: who writes at one site could else enrol subjects at any other.
    require(principal, Permission.WRITE_RECORDS, study)
    country = next(iter(_texts(group, "COUNTRY")), "")
    return enrol_subject(study=study, subject_id=subject_id, site_code=sites[0], country=country)


def unusable_places(group: Sequence[Submitted]) -> dict[int, tuple[str, str]]:
    """Submitted DM records whose site or country cannot be one, by index: the variable and why."""
    found: dict[int, tuple[str, str]] = {}
    for record in group:
        try:
            _texts([record], "SITEID")
            _texts([record], "COUNTRY")
        except InvalidValueError as error:
            found[record.index] = (error.variable, error.reason)
    return found


def require_destinations(principal: Principal, study: Study, changes: Sequence[RecordChange]) -> None:
    """Raise NotAllowedError unless the principal may write at each site that the changes move their subject to."""
    for code in {code for change in changes if (code := _site_named(change)) is not None}:
        site = Site.objects.filter(study=study, code=code).first()
        # A site that does not exist yet has no grants: only who writes in the whole study may name it.
        require(principal, Permission.WRITE_RECORDS, study, site.pk if site else None)


def follow_site(subject: Subject, change_set: ChangeSet, changes: Sequence[RecordChange]) -> None:
    """Move a locked subject to the site that its demographics name now: access follows the data, at once."""
    codes = [code for change in changes if (code := _site_named(change)) is not None]
    if not codes or codes[-1] == subject.site.code:
        return
    before = subject.site
    subject.site, _ = Site.objects.get_or_create(
        study=subject.study, code=codes[-1], defaults={"country": _country_named(changes)}
    )
    subject.save(update_fields=["site"])
    SiteTransfer.objects.create(subject=subject, from_site=before, to_site=subject.site, change_set=change_set)
    move = SubjectMove(subject, before)
    # Reviews follow in the same transaction, so that at no moment the old site reads them and the new one does not.
    subject_moving.publish(move)
    transaction.on_commit(lambda: subject_moved.publish(move))


def _site_named(change: RecordChange) -> str | None:
    # A withdrawn DM moves nobody: every subject must stand at a site, since access hangs on it.
    if change.domain != "DM" or change.operation is Operation.WITHDRAW or "SITEID" not in change.values:
        return None
    return str(change.values["SITEID"])


def _country_named(changes: Sequence[RecordChange]) -> str:
    named = [
        str(change.values["COUNTRY"]) for change in changes if change.domain == "DM" and "COUNTRY" in change.values
    ]
    return named[-1] if named else ""


def _texts(group: Sequence[Submitted], variable: str) -> list[str]:
    """What the submitted DM records say of a variable, judged as any value is; InvalidValueError where it is none."""
    given = (canonical_value("DM", variable, r.values.get(variable)) for r in group if r.domain == "DM")
    return [str(value) for value in given if value is not None]
