"""Notes of which domains a study has received data, so that no absence is told of what was never asked for."""

from collections.abc import Collection, Iterable

from apps.studies.domain.readers.package import FileAccount
from apps.studies.domain.variables import domain_is_hidden
from apps.studies.models import ChangeSet, ReceivedDomain, RecordRevision, Study


def note_files(study: Study, accounts: Iterable[FileAccount]) -> None:
    """Note the domains of which files bring records, or say by an empty dataset that there are none.

    A file of which every row was refused brings nothing and says nothing. Which datasets an import had, blinded readers
    know from its receipt, but for those that tell treatment as such.
    """
    domains = {account.domain for account in accounts if account.domain and (account.records or not account.rows)}
    note_domains(study, {(domain, not domain_is_hidden(domain)) for domain in domains})


def note_change_sets(study: Study, change_sets: Collection[ChangeSet]) -> None:
    """Note the domains of records; of one that was written hidden, blinded readers are not to know that it came."""
    if change_sets:
        written = RecordRevision.objects.filter(change_set__in=change_sets).values_list("domain", "open_operation")
        note_domains(study, {(domain, bool(operation)) for domain, operation in written.distinct()})


def note_domains(study: Study, found: Iterable[tuple[str, bool]]) -> None:
    """Note domains that are new to a study, each with whether blinded readers know of it.

    Called after every lock of a subject, or without any: who waits here for another writer holds nothing that they
    wait for.
    """
    known = set(ReceivedDomain.objects.filter(study=study).values_list("domain", "is_open"))
    # In one order, so that two writers of the same new domains cannot wait for each other.
    for domain, is_open in sorted(set(found) - known):
        ReceivedDomain.objects.get_or_create(study=study, domain=domain, is_open=is_open)
