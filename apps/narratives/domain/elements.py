"""The elements a safety narrative must cover, each with an id that facts, sentences and the verifier share.

E01 to E15 are those of ICH E3 12.3.2; E16 to E23 are added by practice.
"""

from collections.abc import Mapping

ELEMENTS: Mapping[str, str] = {
    "E01": "nature of the event",
    "E02": "intensity",
    "E03": "course leading up to the event, with timing relative to study drug",
    "E04": "relevant laboratory measures",
    "E05": "whether study drug was stopped, and when",
    "E06": "countermeasures",
    "E07": "post-mortem findings",
    "E08": "investigator's opinion on causality",
    "E09": "sponsor's opinion on causality",
    "E10": "subject identifier",
    "E11": "age and sex",
    "E12": "disease treated",
    "E13": "relevant illnesses",
    "E14": "relevant medication",
    "E15": "study drug, dose and length of administration",
    "E16": "outcome",
    "E17": "seriousness criteria",
    "E18": "action taken with study drug",
    "E19": "onset and end, study day, duration",
    "E20": "dechallenge and rechallenge",
    "E21": "last dose before onset",
    "E22": "treatment group",
    "E23": "discontinuation status",
}
