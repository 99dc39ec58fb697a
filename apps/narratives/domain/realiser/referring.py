"""How things are referred to: the subject as `she` or `the subject`, an event by its term or as `the event`."""

from collections.abc import Sequence

from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.facts.fact_set import EntityKind, FactSet
from apps.narratives.domain.facts.terms import analyte_forms, drug_forms, short_form, term_forms
from apps.narratives.domain.plan.planning import index_events
from apps.narratives.domain.realiser.grammar import Phrase, Voice, be, indefinite, listed, on_date, say, stated_by
from apps.narratives.domain.realiser.words import (
    COUNTED_HEADS,
    POSSESSIVES,
    PRONOUNS,
    REPORTED_ONLY,
    is_adjective,
    word_for,
)


class Speaker:
    """The facts, the voice and the referring expressions of one message."""

    def __init__(self, facts: FactSet, key: str, entities: Sequence[str]) -> None:
        self.facts = facts
        self.entities = tuple(entities)
        self.voice = Voice(facts.subject_id, key)

    def fact(self, role: Role, entity: str | None = None) -> Fact | None:
        """The fact of an entity (the first of the message by default) in a role."""
        return self.facts.get(self.entities[0] if entity is None else entity, role)

    def need(self, role: Role, entity: str | None = None) -> Fact:
        """The fact that the plan put into this message; KeyError names it when the plan did not."""
        found = self.fact(role, entity)
        if found is None:
            raise KeyError(f"{self.entities[0] if entity is None else entity} has no fact in the role {role}")
        return found

    def pick(self, slot: str, *options: Phrase) -> Phrase:
        """One of equally good phrases."""
        return self.voice.pick(slot, options)

    @property
    def sex(self) -> str:
        """SDTM code of the subject's sex; empty where it is not recorded."""
        found = self.facts.get(self.facts.subject, Role.SEX)
        return found.code if found is not None else ""

    def subject(self) -> str:
        """`she`, `he` or `the subject`."""
        pronoun = PRONOUNS.get(self.sex)
        return self.voice.pick("subject", [pronoun, pronoun, "the subject"]) if pronoun else "the subject"

    def possessive(self) -> str:
        """`her`, `his` or `the subject's`."""
        return POSSESSIVES.get(self.sex, "the subject's")

    def nearby(self) -> Phrase:
        """`30 days of onset or end`: the window that decided what is relevant."""
        window = self.need(Role.WINDOW)
        anchor = "onset or end of the recorded event" if index_events(self.facts) else "the dosing period"
        is_several = len(index_events(self.facts)) > 1
        return stated_by(f"{window.text} days of {anchor}{'s' if is_several else ''}", window)

    def term(self, entity: str) -> Phrase:
        """An event, illness or disease by its term, as running text."""
        fact = self.need(Role.TERM, entity)
        return stated_by(term_forms(fact.text)[0], fact)

    def drug(self, entity: str) -> Phrase:
        """A medication by its recorded name."""
        fact = self.need(Role.TERM, entity)
        return stated_by(drug_forms(fact.text)[0], fact)

    def test(self, entity: str) -> Phrase:
        """A laboratory test by its name."""
        fact = self.need(Role.TERM, entity)
        return stated_by(analyte_forms(fact.text)[0], fact)

    def graded(self, entity: str) -> Phrase:
        """`a severe myocardial infarction`; the bare term where no severity is recorded, or where it changed later."""
        term, severity = self.term(entity), self.fact(Role.SEVERITY, entity)
        is_course = self.facts.get(entity, Role.RECORDED_SEVERITY) is not None
        if severity is None or severity.term is None or is_course:
            words, cited = term.text, term.facts
        elif self.is_reported_only(entity) or not is_adjective(word_for(severity)):
            words, cited = f"{term.text} ({word_for(severity)})", (*term.facts, severity.id)
        else:
            words, cited = f"{word_for(severity)} {term.text}", (*term.facts, severity.id)
        needs_article = term.text.split(" ")[-1] in COUNTED_HEADS
        return Phrase(indefinite(words) if needs_article else words, cited)

    def is_reported_only(self, entity: str) -> bool:
        """Whether a term cannot follow `had`, as in `sudden death` or `blood glucose increased`."""
        return self.term(entity).text.endswith(REPORTED_ONLY)

    def the_events(self) -> Phrase:
        """The events of the message by their terms: `the event` would become unclear when a second one is recorded."""
        return listed([self._the_event(entity) for entity in self.entities])

    def were(self) -> str:
        """The verb that agrees with `the_events`."""
        text = self.the_events().text
        return be(len(self.entities), text.removeprefix("the ") if len(self.entities) == 1 else "")

    def _the_event(self, entity: str) -> Phrase:
        """By its short term where that names no other event; with its onset where two events share their term."""
        term = self._short_term(entity)
        onset = self.fact(Role.ONSET, entity)
        if onset is None or onset.is_absent or not self.is_ambiguous(self.need(Role.TERM, entity).text):
            return say("the", term)
        dated = on_date(onset)
        return say("the", term, "of", Phrase(dated.text.split(" ", 1)[1], dated.facts))

    def _short_term(self, entity: str) -> Phrase:
        term = self.term(entity)
        short = short_form(term.text)
        others = [forms for forms in self._event_terms() if forms[0] != term.text]
        return term if any(short in forms for forms in others) else Phrase(short, term.facts)

    def is_ambiguous(self, term: str) -> bool:
        """Whether several events of the narrative share a term, as it is written."""
        return sum(forms[0] == term_forms(term)[0] for forms in self._event_terms()) > 1

    def _event_terms(self) -> list[tuple[str, ...]]:
        """The ways to write the term of each event of the narrative."""
        kinds = (EntityKind.INDEX_EVENT, EntityKind.OTHER_EVENT)
        events = [event for kind in kinds for event in self.facts.of_kind(kind)]
        return [term_forms(self.need(Role.TERM, event.id).text) for event in events]
