"""The facts of a subject as a narrative knows them: blinded, and with what the study has received."""

from apps.narratives.domain.facts.extract import extract_facts
from apps.narratives.domain.facts.fact_set import FactSet
from apps.studies.domain.audience import Audience
from apps.studies.models import Subject
from apps.studies.selectors.received import received_domains
from apps.twins.selectors.twins import twin_at


def facts_of(subject: Subject, version: int | None = None) -> FactSet:
    """The facts of a subject's narrative at a version of the blinded sequence (default: now)."""
    return extract_facts(twin_at(subject, Audience.BLINDED, version), received_domains(subject.study, Audience.BLINDED))
