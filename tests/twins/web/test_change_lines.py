"""A single result among the changes: what its line says, and where it leads."""

import pytest

from apps.studies.domain.changes import Operation, RecordChange
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses
from apps.twins.web.change_lines import ChangeLine, differences, lines_of


def line_of(domain: str, **values: object) -> ChangeLine:
    finding = {f"{domain}TESTCD": "X1", f"{domain}TEST": "Item 1"}
    finding |= {f"{domain}{name}": str(value) if isinstance(value, str) else value for name, value in values.items()}
    change = RecordChange(Operation.INSERT, f"{domain}/1", domain, finding)  # type: ignore[arg-type]
    twin = DigitalTwinFactory().build("S-1", [change])
    (line,) = lines_of(differences(Twin("S-1"), twin), Addresses("TRIAL", "S-1"))
    return line


@pytest.mark.parametrize("domain", ["QS", "SC", "VS", "LB", "EG", "PE"])
@pytest.mark.parametrize(
    ("values", "told", "variable"),
    [
        ({"STRESN": 17, "STRESC": "17", "ORRES": "17"}, "17", "STRESN"),
        ({"STRESC": "MODERATE", "ORRES": "2"}, "MODERATE", "STRESC"),
        ({"STRESN": None, "STRESC": "NEGATIVE"}, "NEGATIVE", "STRESC"),
        ({"ORRES": "2+", "ORRESU": "g/L"}, "2+\N{NO-BREAK SPACE}g/L", "ORRES"),
    ],
)
def test_a_single_result_leads_to_the_history_of_the_value_that_it_tells(
    domain: str, values: dict[str, object], told: str, variable: str
) -> None:
    shown = line_of(domain, **values).shown
    assert shown is not None
    assert shown.value.endswith(f" {told}")
    assert shown.history_url.endswith(f"&variable={domain}{variable}")


def test_a_finding_without_a_result_leads_to_its_record() -> None:
    shown = line_of("QS", STAT="NOT DONE").shown
    assert shown is not None
    assert "variable" not in shown.history_url
