"""What the bytes of a text mean: by evidence, by what a person says, and never other letters without a word."""

import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.readers.encodings import NAMED, is_unsettled, settle
from apps.studies.domain.readers.package import read_package
from tests.studies.domain.readers.samples import source_file, subjects


def kept(content: bytes) -> str:
    """Text as the readers hand it on: each byte that is no UTF-8 as a lone surrogate."""
    return content.decode("utf-8", "surrogateescape")


def read(content: bytes, named: str | None = None) -> tuple[str, tuple[str, ...]]:
    text = kept(content)
    found = settle("ae.xpt", [text], [text], named)
    return found.texts[text], found.notes


@pytest.mark.parametrize("text", ["plain", "Crème brûlée", "発熱", ""])
def test_utf_8_has_nothing_to_settle(text: str) -> None:
    assert not is_unsettled(kept(text.encode()))
    assert settle("ae.xpt", []).texts == {}


@pytest.mark.parametrize(
    "text",
    ["Ménière’s disease", "5 µg/L ± 0.3 m²", "37°C", "pustule “x” – ok", "café", "é", "naïve", "1ª dose", "½ tablet"],
)
def test_western_text_of_windows_is_read_and_said(text: str) -> None:
    found, notes = read(text.encode("cp1252"))
    assert found == text
    assert notes == (f"Not UTF-8 and read as Windows-1252 (Western Europe): 1 of its texts, such as “{text}”.",)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("発熱", "cp932"),
        ("頭痛", "cp932"),
        ("めまい", "cp932"),
        ("嘔吐", "cp932"),
        ("肺炎", "cp932"),
        ("发热", "gb18030"),
        ("두통", "cp949"),
        ("ból głowy", "cp1250"),
        ("żółtaczka", "cp1250"),
        ("головная боль", "cp1251"),
        ("πονοκέφαλος", "cp1253"),
    ],
)
def test_text_that_gives_no_words_waits_for_a_person_and_is_read_as_they_say(text: str, encoding: str) -> None:
    with pytest.raises(UnreadableSourceError, match="name its encoding") as refusal:
        read(text.encode(encoding))
    assert f"“{text}” in {NAMED[encoding]}" in refusal.value.detail
    found, notes = read(text.encode(encoding), encoding)
    assert found == text
    assert NAMED[encoding] in notes[0]


def test_a_text_that_is_not_of_the_named_encoding_is_refused() -> None:
    with pytest.raises(UnreadableSourceError, match="not all of its texts are Shift-JIS"):
        read(b"caf\xe9", "cp932")


def test_a_character_that_was_cut_by_bytes_is_left_out_and_said() -> None:
    cut = "Crème brûlée, é".encode()[:-1]
    found, notes = read(cut)
    assert found == "Crème brûlée, "
    assert notes == ("Kept up to a character that was cut: 1 of its texts.",)
    assert read("発熱、発".encode()[:-1])[0] == "発熱、"


def test_one_stray_byte_changes_no_other_letter_of_its_text() -> None:
    found, notes = read("β-blocker 5 µg, Sj".encode() + b"\xf6" + "gren’s".encode())
    assert found == "β-blocker 5 µg, Sjögren’s"
    assert len(notes) == 1


def test_only_what_may_be_shown_is_quoted() -> None:
    secret, open_text = kept("Verum für Sjögren".encode("cp1252")), kept("Ménière".encode("cp1252"))
    found = settle("ae.csv", [secret, open_text], [open_text])
    assert found.texts[secret] == "Verum für Sjögren"
    assert found.notes == ("Not UTF-8 and read as Windows-1252 (Western Europe): 2 of its texts, such as “Ménière”.",)
    with pytest.raises(UnreadableSourceError) as refusal:
        settle("ae.csv", [kept("発熱".encode("cp932"))], [])
    assert refusal.value.detail.endswith("Import it again and name its encoding.")


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize(("writable", "quoted"), [(None, True), (BlindingRules(), False)])
def test_of_a_blinded_persons_file_no_text_is_quoted(writable: BlindingRules | None, *, quoted: bool) -> None:
    head = b"STUDYID,DOMAIN,USUBJID,AESEQ,AETERM\nS1,AE,01,1,"
    read = read_package([subjects("01"), source_file("ae.csv", head + b"Verum\xf6l\n")], writable=writable)
    assert ("Verumöl" in read.accounts[1].notes[0]) is quoted
    with pytest.raises(UnreadableSourceError) as refusal:
        read_package([subjects("01"), source_file("ae.csv", head + "発熱\n".encode("cp932"))], writable=writable)
    assert ("発熱" in refusal.value.detail) is quoted


@pytest.mark.parametrize("encoding", NAMED)
def test_every_encoding_that_can_be_named_is_known_to_python(encoding: str) -> None:
    assert read(b"\xb5", encoding)[0] if encoding in {"cp1252", "cp1250"} else "a".encode(encoding) == b"a"


def test_text_beside_what_had_to_be_read_by_evidence_stays_what_it_was() -> None:
    content = b"STUDYID,DOMAIN,USUBJID,AESEQ,AETERM\nS1,AE,01,1,Na\xefve reaction\nS1,AE,01,2,RASH\nS1,AE,01,3,\n"
    rows = read_package([source_file("ae.csv", content)]).rows_of("01")
    assert [row.values.get("AETERM") for row in rows] == ["Naïve reaction", "RASH", None]
