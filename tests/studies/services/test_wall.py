"""A blinded writer's whole world is the open projection; what lies behind it is neither told nor touched."""

from typing import Any

import pytest

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.models import TrailEntry
from apps.core.domain.errors import InvalidInputError, NotAllowedError
from apps.core.models import Job
from apps.core.services.jobs import run_job, waiting_jobs
from apps.studies.domain.audience import Audience
from apps.studies.domain.upserts import Submitted
from apps.studies.models import BlindingRule, Record, RecordRevision, RuleKind, RuleOrigin, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.records import RecordReader, record_reader
from apps.studies.services.blinding import add_rule, remove_rule
from apps.studies.services.writing import WriteResult, write_records
from apps.twins.selectors.twins import load_twin, twin_at
from tests.factories import StudyFactory, client_account, context, person, treated_subject, write
from tests.studies.services.chains import chain_breaks

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E6-411")]

COMMENT = {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1", "COVAL": "Increased to 81 mg"}


@pytest.fixture
def subject(db: None) -> Subject:
    """A subject whose arm, dose and a comment on it only an unblinded program knows."""
    found = treated_subject(StudyFactory())
    write(found, ("EX", {"EXTRT": "MARZANOL", "EXDOSE": 81, "EXSTDTC": "2013-04-26"}), ("CO", COMMENT))
    return found


@pytest.fixture
def manager(subject: Subject) -> User:
    """A blinded data manager."""
    return person(Role.DATA_MANAGER, subject.study)


def record_of(subject: Subject, domain: str) -> Record:
    return Record.objects.get(subject=subject, domain=domain)


def sent(subject: Subject, user: User, domain: str, values: dict[str, Any], **fields: Any) -> WriteResult:
    submitted = Submitted(0, domain, subject.subject_id, values, **fields)
    result = write_records(
        principal=principal_of(user), study=subject.study, records=[submitted], context=context(user)
    )
    subject.refresh_from_db()
    return result


def seen(subject: Subject, audience: Audience = Audience.BLINDED) -> dict[str, dict[str, Any]]:
    subject.refresh_from_db()
    version = subject.version_for(audience)
    return {row.id: dict(row.values) for row in load_twin(subject, audience, version).all_rows()}


def test_what_a_blinded_writer_changes_leaves_hidden_values_as_they_were(subject: Subject, manager: User) -> None:
    assert sent(subject, manager, "DM", {"AGE": 70}).accepted == 1
    values = record_of(subject, "DM").values
    assert (values["AGE"], values["ARM"]) == (70, "MARKER-ARM High Dose")
    assert record_of(subject, "DM").hidden == "ARM,ARMCD"
    assert chain_breaks(subject) == []


@pytest.mark.parametrize("guess", ["MARKER-ARM High Dose", "Placebo"])
def test_a_guess_of_a_hidden_variable_is_refused_by_its_name(subject: Subject, manager: User, guess: str) -> None:
    refused = sent(subject, manager, "DM", {"AGE": 70, "ARM": guess}).rejected
    assert [(one.field, one.message.partition(":")[0]) for one in refused] == [("ARM", "Not writable by your role")]
    assert record_of(subject, "DM").values["AGE"] == 69


def test_a_hidden_record_answers_like_none(subject: Subject, manager: User) -> None:
    hidden, absent = record_of(subject, "CO").record_id, "CO/aaaaaaaaaaaa"
    for values in ({"RDOMAIN": None}, {"COVAL": "Mine"}, {}):
        answers = [sent(subject, manager, "CO", values, key=key).rejected for key in (hidden, absent)]
        assert answers[0] == answers[1]
    assert record_of(subject, "CO").values["COVAL"] == "Increased to 81 mg"


def test_a_number_taken_by_a_hidden_record_is_free_for_a_blinded_writer(subject: Subject, manager: User) -> None:
    taken = record_of(subject, "CO").values["COSEQ"]
    assert sent(subject, manager, "CO", {"COREF": "Page 1", "COVAL": "Seen", "COSEQ": taken}).accepted == 1
    assert sent(subject, client_account(subject.study), "CO", {"COREF": "Page 2", "COSEQ": taken}).accepted == 0


def test_a_number_that_no_cut_can_have_stops_no_later_record(subject: Subject) -> None:
    Record.objects.filter(subject=subject, domain="AE").update(values={"AETERM": "SEIZURE", "AESEQ": 1e300})
    assert write(subject, ("AE", {"AETERM": "RASH", "AESTDTC": "2013-07-01"})).accepted == 1
    assert Record.objects.get(subject=subject, values__AETERM="RASH").values["AESEQ"] == 1


def test_a_record_of_the_same_key_as_a_hidden_one_gets_an_id_of_its_own(subject: Subject, manager: User) -> None:
    BlindingRule.objects.create(study=subject.study, kind=RuleKind.TEST, name="LB.SECRET", origin=RuleOrigin.PERSON)
    result = {"LBTESTCD": "SECRET", "LBORRES": "1", "LBDTC": "2013-05-01"}
    write(subject, ("LB", result))
    BlindingRule.objects.all().delete()
    assert sent(subject, manager, "LB", result).accepted == 1
    records = Record.objects.filter(subject=subject, domain="LB")
    assert sorted(record.hidden for record in records) == ["", "*"]


def test_a_blinded_writer_fills_a_value_that_is_hidden_from_them(subject: Subject, manager: User) -> None:
    write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": "MARZANOL halved"}))
    assert record_of(subject, "AE").hidden == "AEACNOTH"
    before = subject.blinded_version
    assert sent(subject, manager, "AE", {"AESPID": "E01", "AEACNOTH": "MARZANOL halved"}).accepted == 1
    assert record_of(subject, "AE").hidden == ""
    assert subject.blinded_version == before + 1
    assert chain_breaks(subject) == []


def test_clearing_a_value_that_is_hidden_changes_nothing(subject: Subject, manager: User) -> None:
    write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": "MARZANOL halved"}))
    assert sent(subject, manager, "AE", {"AESPID": "E01", "AEACNOTH": None}).unchanged == 1
    assert record_of(subject, "AE").values["AEACNOTH"] == "MARZANOL halved"


def test_a_blinded_withdrawal_takes_the_whole_record(subject: Subject, manager: User) -> None:
    write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": "MARZANOL halved"}))
    record = record_of(subject, "AE")
    assert sent(subject, manager, "AE", {}, key=record.record_id, is_withdrawal=True).accepted == 1
    withdrawal = RecordRevision.objects.filter(record_id=record.record_id).latest("pk")
    assert withdrawal.values["AEACNOTH"] == "MARZANOL halved"
    assert (withdrawal.hidden, withdrawal.open_operation) == ("AEACNOTH", "withdraw")
    again = {"AESPID": "E01", "AESEV": "SEVERE", "AETERM": "SEIZURE", "AESTDTC": "2013-06-02"}
    assert sent(subject, manager, "AE", again).accepted == 1
    assert record_of(subject, "AE").values["AEACNOTH"] == "MARZANOL halved"


def test_a_record_that_becomes_hidden_is_withdrawn_for_blinded_readers(subject: Subject) -> None:
    write(subject, ("CO", {"COREF": "Page 3", "COVAL": "Told at the visit"}))
    record = Record.objects.get(subject=subject, domain="CO", values__COREF="Page 3")
    assert record.record_id in seen(subject)
    before = subject.blinded_version
    about_dose = {"RDOMAIN": "EX", "IDVAR": "EXSEQ", "IDVARVAL": "1"}
    assert sent(subject, client_account(subject.study), "CO", about_dose, key=record.record_id).accepted == 1
    assert record.record_id not in seen(subject)
    assert record.record_id in seen(subject, Audience.UNBLINDED)
    assert subject.blinded_version == before + 1
    assert chain_breaks(subject) == []


def test_readers_of_the_open_projection_hold_nothing_else(subject: Subject, manager: User) -> None:
    reader = record_reader(principal_of(manager), subject.study)
    assert reader == RecordReader(Audience.BLINDED)
    current = reader.current(subject=subject, study=subject.study)
    assert set(current.live) == {"DM", "AE"}
    assert "ARM" not in next(iter(current.live["DM"].values()))
    assert current.hidden == {}
    assert record_of(subject, "CO").record_id in current.ids


def test_a_name_that_the_data_bring_later_hides_what_was_open(subject: Subject) -> None:
    write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": "zyxolan paused"}))
    assert record_of(subject, "AE").hidden == ""
    version = subject.blinded_version
    write(subject, ("EX", {"EXTRT": "ZYXOLAN", "EXDOSE": 5, "EXSTDTC": "2013-05-26"}))
    _do_what_waits()
    assert record_of(subject, "AE").hidden == "AEACNOTH"
    assert "zyxolan" not in str(seen(subject)).lower()
    assert subject.blinded_version == version + 1


def test_what_a_snapshot_for_blinded_readers_holds_follows_the_rules_of_the_study(subject: Subject) -> None:
    for number in range(30):
        write(subject, ("AE", {"AESPID": "E01", "AEACNOTH": f"MARZANOL {number}", "AEREL": f"{number}"}))
    assert subject.blinded_version > 25
    assert "MARZANOL" not in str(seen(subject))
    assert "MARZANOL 29" in str(twin_at(subject, Audience.UNBLINDED).graph.nodes(data=True))


class TestRules:
    """Rules that people decide."""

    @pytest.fixture
    def monitor(self, subject: Subject) -> User:
        return person(Role.UNBLINDED_MONITOR, subject.study)

    def test_a_rule_hides_what_is_there_and_taking_it_away_shows_it_again(
        self, subject: Subject, monitor: User
    ) -> None:
        principal = principal_of(monitor)
        rule = add_rule(
            principal=principal,
            user=monitor,
            study=subject.study,
            kind=RuleKind.VARIABLE,
            name="ae.aerel",
            reason="Sites know",
        )
        _do_what_waits()
        assert rule.name == "AE.AEREL"
        assert "AEREL" not in str(seen(subject))
        remove_rule(principal=principal, user=monitor, rule=rule)
        _do_what_waits()
        assert "AEREL" in str(seen(subject))
        assert chain_breaks(subject) == []

    def test_the_trail_has_who_made_a_rule_and_not_what_it_names(self, subject: Subject, monitor: User) -> None:
        add_rule(
            principal=principal_of(monitor),
            user=monitor,
            study=subject.study,
            kind=RuleKind.WORD,
            name="Zyxolan",
            reason="Zyxolan is in the active arm",
        )
        Study.objects.get(pk=subject.study_id).save()
        rows = TrailEntry.objects.filter(study=subject.study, content_type__model="blindingrule")
        assert [row.actor for row in rows] == [None]
        said = [(str(row.changes), row.object_repr) for row in TrailEntry.objects.filter(study=subject.study)]
        assert "zyxolan" not in str(said).lower()

    def test_a_hidden_test_takes_its_relations_with_it(self, subject: Subject, monitor: User) -> None:
        write(subject, ("LB", {"LBTESTCD": "MARKER", "LBORRES": "1", "LBDTC": "2013-05-01"}))
        relation = {"RELID": "R1", "RDOMAIN": "LB", "IDVAR": "LBTESTCD", "IDVARVAL": "MARKER"}
        write(subject, ("RELREC", relation))
        add_rule(
            principal=principal_of(monitor),
            user=monitor,
            study=subject.study,
            kind=RuleKind.TEST,
            name="LB.MARKER",
            reason="Tells the arm",
        )
        _do_what_waits()
        assert {record.hidden for record in Record.objects.filter(domain__in=["LB", "RELREC"])} == {"*"}
        assert not [key for key in seen(subject) if key.startswith(("LB/", "RELREC/"))]

    @pytest.mark.parametrize(
        ("kind", "name"), [(RuleKind.VARIABLE, "AEREL"), (RuleKind.WORD, " x "), (RuleKind.TEST, "")]
    )
    def test_a_rule_that_names_nothing_is_refused(
        self, subject: Subject, monitor: User, kind: RuleKind, name: str
    ) -> None:
        with pytest.raises(InvalidInputError):
            add_rule(
                principal=principal_of(monitor),
                user=monitor,
                study=subject.study,
                kind=kind,
                name=name,
                reason="Why",
            )

    def test_a_rule_needs_a_reason_and_the_right(self, subject: Subject, monitor: User, manager: User) -> None:
        rule = {"study": subject.study, "kind": RuleKind.WORD, "name": "Zyxolan"}
        with pytest.raises(InvalidInputError, match="Say why"):
            add_rule(principal=principal_of(monitor), user=monitor, reason=" ", **rule)
        with pytest.raises(NotAllowedError, match="set blinding"):
            add_rule(principal=principal_of(manager), user=manager, reason="Why", **rule)

    def test_a_name_that_the_data_bring_cannot_be_taken_away(self, subject: Subject, monitor: User) -> None:
        word = BlindingRule.objects.get(study=subject.study, name="marzanol")
        assert word.origin == RuleOrigin.DATA
        with pytest.raises(InvalidInputError, match="study's data"):
            remove_rule(principal=principal_of(monitor), user=monitor, rule=word)

    @pytest.mark.parametrize(
        ("word", "record"),
        [
            ("Zyxolan", ("EX", {"EXTRT": "ZYXOLAN", "EXSTDTC": "2013-04-27"})),
            ("ZYXLO", ("DM", {"ARMCD": "Zyxlo"})),
        ],
    )
    def test_nor_can_one_that_a_person_added_before_the_data_brought_it(
        self, subject: Subject, monitor: User, word: str, record: tuple[str, dict[str, Any]]
    ) -> None:
        given = {"principal": principal_of(monitor), "user": monitor}
        rule = add_rule(study=subject.study, kind=RuleKind.WORD, name=word, reason="Named in the protocol", **given)
        write(subject, record)
        rule.refresh_from_db()
        assert (rule.origin, rule.reason, rule.added_by) == (RuleOrigin.DATA, "Named in the protocol", monitor)
        with pytest.raises(InvalidInputError, match="study's data"):
            remove_rule(rule=rule, **given)

    def test_one_that_only_a_person_named_can_still_be_taken_away(self, subject: Subject, monitor: User) -> None:
        given = {"principal": principal_of(monitor), "user": monitor}
        rule = add_rule(study=subject.study, kind=RuleKind.WORD, name="Zyxolan", reason="Why", **given)
        write(subject, ("EX", {"EXTRT": "ZYXOLAN FORTE", "EXSTDTC": "2013-04-27"}))
        rule.refresh_from_db()
        remove_rule(rule=rule, **given)
        assert not BlindingRule.objects.filter(name="zyxolan").exists()


def test_a_name_longer_than_one_is_kept_hides_text_that_holds_it_and_is_known_again(subject: Subject) -> None:
    name = f"Marzarol {'with a long list of excipients ' * 8}in a sachet"
    write(subject, ("EX", {"EXTRT": name, "EXSTDTC": "2013-04-27"}))
    _do_what_waits()
    jobs = Job.objects.filter(kind="class-records").count()
    write(subject, ("EX", {"EXTRT": name, "EXSTDTC": "2013-04-28"}))
    write(subject, ("AE", {"AESPID": "E09", "AETERM": f"Rash after {name.upper()}, mild"}))
    assert Record.objects.get(subject=subject, values__AESPID="E09").hidden == "AETERM"
    assert Job.objects.filter(kind="class-records").count() == jobs


def _do_what_waits() -> None:
    for job_id in waiting_jobs():
        run_job(job_id)


def test_lists_show_no_term_that_names_a_treatment(subject: Subject) -> None:
    write(subject, ("AE", {"AESPID": "E09", "AETERM": "Marzanol rash", "AEDECOD": "Marzanol rash", "AESER": "Y"}))
    assert Record.objects.get(subject=subject, values__AESPID="E09").hidden == "AEDECOD,AETERM"
    line = Subject.objects.select_related("summary").get(pk=subject.pk).summary
    assert "Marzanol" not in str(line.serious_terms)
    write(subject, ("CM", {"CMSPID": "4", "CMTRT": "Marzanol rescue"}), ("CM", {"CMSPID": "5", "CMTRT": "ASPIRIN"}))
    line.refresh_from_db()
    assert "ASPIRIN" in line.words
    assert "marzanol" not in line.words.lower()
    assert line.serious_count == 2
