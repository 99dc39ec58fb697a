"""A right guess of treatment takes as long to answer as a wrong one: time must not tell what words do not."""

from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from pytest_django.fixtures import Settings

from tests.blinding.attacks import Attack, import_attacks, record_attacks
from tests.blinding.worlds import DRUG, PLACEBO, World, world_of

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db, pytest.mark.requirement("E6-411")]

ROUNDS = 24


def seconds(attack: Attack, world: World) -> float:
    began = perf_counter()
    attack(world)
    return perf_counter() - began


def pairs(attacks: dict[str, Attack]) -> list[tuple[str, Attack, Attack]]:
    """The same attack with the guess of the drug and with that of placebo."""
    drug, placebo = str(DRUG["TRT"]), str(PLACEBO["TRT"])
    return [(name, attack, attacks[name.replace(drug, placebo)]) for name, attack in attacks.items() if drug in name]


def test_a_right_guess_is_answered_no_slower_than_a_wrong_one(settings: Settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path
    world = world_of(DRUG, PLACEBO)
    attacks = dict([*record_attacks(), *import_attacks(("csv",), dry_run=True)])
    ratios = {}
    for name, right, wrong in pairs(attacks):
        times: tuple[list[float], list[float]] = ([], [])
        for which in islice(cycle((0, 1)), 2 * (ROUNDS if name.startswith("records") else ROUNDS // 4)):
            times[which].append(seconds((right, wrong)[which], world))
        ratios[name] = median(times[0]) / median(times[1])
    print("\n" + "\n".join(f"{ratio:5.2f}x  {name}" for name, ratio in sorted(ratios.items(), key=lambda one: one[1])))
    assert 0.9 < median(ratios.values()) < 1.1
    assert all(0.5 < ratio < 2 for ratio in ratios.values())
