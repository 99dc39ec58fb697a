"""Reads Define-XML 2.x for what it says of datasets: labels, and which variables are meant to be a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from apps.core.domain.errors import UnreadableSourceError
from apps.core.domain.numbers import whole_number

_ODM: Final = "{http://www.cdisc.org/ns/odm/v1.3}"
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_KEY_VARIABLES: Final = 30
_DEFINE_NAMESPACES: Final = ("http://www.cdisc.org/ns/def/v2.0", "http://www.cdisc.org/ns/def/v2.1")


@dataclass(frozen=True, slots=True)
class DefinedDataset:
    """What Define-XML says of one dataset: its name, domain, label, labels of its variables and its key, in order."""

    name: str
    domain: str
    label: str
    variable_labels: Mapping[str, str]
    key: tuple[str, ...]


def read_define(name: str, content: bytes) -> list[DefinedDataset]:
    """The datasets of a Define-XML 2.x; UnreadableSourceError for entities, a DTD, or another kind of XML."""
    if len(content) > _MOST_BYTES:
        raise UnreadableSourceError(name, f"got {len(content):,} bytes, expected at most {_MOST_BYTES:,}.")
    root = _parsed(name, content)
    version = root.find(f"{_ODM}Study/{_ODM}MetaDataVersion")
    if version is None or not _is_define(version):
        raise UnreadableSourceError(name, f"got XML with the root {root.tag[-60:]!r}, expected Define-XML 2.x.")
    items = {item.get("OID", ""): item for item in version.iterfind(f"{_ODM}ItemDef")}
    datasets = [_dataset(group, items) for group in version.iterfind(f"{_ODM}ItemGroupDef")]
    endless = next((dataset.name for dataset in datasets if len(dataset.key) > _MOST_KEY_VARIABLES), None)
    if endless is not None:
        most = f"expected at most {_MOST_KEY_VARIABLES}"
        raise UnreadableSourceError(name, f"the key of {endless[:40]!r} has too many variables, {most}.")
    return datasets


def _parsed(name: str, content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        refusal = "it declares a DTD, an entity or an external file, which is refused. Remove the declaration"
        raise UnreadableSourceError(name, f"{refusal} ({type(error).__name__}).") from error
    # An encoding that Python does not know is a LookupError.
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableSourceError(name, f"this is not well-formed XML ({error}). Export it again.") from error
    return root


def _is_define(version: Element) -> bool:
    return any(f"{{{namespace}}}DefineVersion" in version.attrib for namespace in _DEFINE_NAMESPACES)


def _dataset(group: Element, items: Mapping[str, Element]) -> DefinedDataset:
    references = list(group.iterfind(f"{_ODM}ItemRef"))
    named = [(items[oid], ref) for ref in references if (oid := ref.get("ItemOID", "")) in items]
    key = [(ref.get("KeySequence", ""), item.get("Name", "")) for item, ref in named if ref.get("KeySequence")]
    return DefinedDataset(
        name=group.get("Name", "").upper(),
        domain=group.get("Domain", "").upper(),
        label=_label(group),
        variable_labels={item.get("Name", "").upper(): _label(item) for item, _ in named},
        key=tuple(variable.upper() for _, variable in sorted(key, key=lambda entry: whole_number(entry[0]) or 0)),
    )


def _label(element: Element) -> str:
    text = element.findtext(f"{_ODM}Description/{_ODM}TranslatedText") or ""
    return " ".join(text.split())
