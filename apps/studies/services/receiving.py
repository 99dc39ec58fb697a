"""Notes of which domains a study has received data, so that no absence is told of what was never asked for."""

from collections.abc import Iterable

from apps.studies.domain.readers.package import FileAccount
from apps.studies.models import ReceivedDomain, Study


def note_domains(study: Study, domains: Iterable[str]) -> None:
    """Note domains that are new to a study; of two writers at once the second finds what the first noted.

    Called after every lock of a subject, or without any: who waits here for another writer holds nothing that they
    wait for.
    """
    known = set(ReceivedDomain.objects.filter(study=study).values_list("domain", flat=True))
    # In one order, so that two writers of the same new domains cannot wait for each other.
    for domain in sorted(set(domains) - known):
        ReceivedDomain.objects.get_or_create(study=study, domain=domain)


def domains_in(accounts: Iterable[FileAccount]) -> set[str]:
    """Domains of which files bring records, or say by an empty dataset that there are none.

    A file of which every row was refused brings nothing and says nothing.
    """
    return {account.domain for account in accounts if account.domain and (account.records or not account.rows)}
