"""Holds the trail against its seals."""

import re
from collections.abc import Iterator
from datetime import UTC
from itertools import islice
from typing import Final
from uuid import UUID

from apps.compliance.models import Review, Signature, TrailEntry, TrailLeaf, TrailSeal
from apps.core.domain.canonical import chained_sha256, stored_sha256
from apps.core.domain.integrity import Break, Part

AT_ONCE = 500
# Every column that a row has: one that no hash covers could be rewritten unseen. By name, because the library owns most
# of them: with a column that it adds, rows that were sealed before would all read as changed.
SEALED: Final = (
    "id", "content_type_id", "object_pk", "object_id", "object_repr", "serialized_data", "action", "changes_text",
    "changes", "actor_id", "cid", "remote_addr", "remote_port", "timestamp", "additional_data", "actor_email",
    "study_id",
)  # fmt: skip
# A row that was forged may name a key that is none.
IS_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def entry_sha256(entry: TrailEntry) -> str:
    """Hash of everything that a row of the trail says."""
    columns = {name: getattr(entry, name) for name in SEALED}
    # One text for one moment, in whatever zone a connection hands it out.
    return stored_sha256({**columns, "timestamp": entry.timestamp.astimezone(UTC).isoformat()})


def chained_leaf(before: str, entry_pk: int, leaf_sha256: str) -> str:
    """The hash of a seal after one more row."""
    return chained_sha256(before, [entry_pk, leaf_sha256])


def trail_breaks() -> Iterator[Break]:
    """Where rows of the trail are not what their seals say; one seal at a time."""
    head, number = "", 0
    for seal in TrailSeal.objects.order_by("number").iterator():
        number += 1
        if (seal.number, seal.previous_sha256) != (number, head):
            yield Break(Part.TRAIL, "A seal is missing or does not go on from the one before it.")
            # Goes on from the number that is there, so that a missing seal is told once and not with each that follows.
            number = seal.number
        yield from _seal_breaks(seal)
        head = seal.sha256


def lost_breaks() -> Iterator[Break]:
    """Reviews and signatures of which the trail saw the making, and which are not there any more."""
    for model in (Review, Signature):
        # The trail is sealed and reviews are not: one that went with its steps is known by its row here alone.
        made = TrailEntry.objects.get_for_model(model).filter(action=TrailEntry.Action.CREATE).order_by("pk")
        rows = made.values_list("object_pk", "study__code", "object_repr").iterator(AT_ONCE)
        while chunk := list(islice(rows, AT_ONCE)):
            named = [UUID(row[0]) for row in chunk if IS_UUID.fullmatch(row[0])]
            there = {str(pk) for pk in model.objects.filter(pk__in=named).values_list("pk", flat=True)}
            words = f"A {model._meta.verbose_name} was made and is not there."
            yield from (Break(Part.TRAIL, words, study or "", name) for pk, study, name in chunk if pk not in there)


def sealed_head() -> str:
    """Hash of the last seal, to be kept elsewhere; empty before the first."""
    return TrailSeal.objects.order_by("number").values_list("sha256", flat=True).last() or ""


def _seal_breaks(seal: TrailSeal) -> Iterator[Break]:
    # Keys ascend within a seal, because it was made of rows in their order.
    leaves = list(TrailLeaf.objects.filter(seal=seal).order_by("entry_id").select_related("study"))
    entries = TrailEntry.objects.in_bulk([leaf.entry_id for leaf in leaves])
    sha256 = seal.previous_sha256
    for leaf in leaves:
        study, entry = leaf.study.code if leaf.study else "", entries.get(leaf.entry_id)
        sha256 = chained_leaf(sha256, leaf.entry_id, leaf.sha256)
        if entry is None:
            yield Break(Part.TRAIL, "A row of the trail was removed.", study, record=f"row {leaf.entry_id}")
        elif entry_sha256(entry) != leaf.sha256:
            yield Break(Part.TRAIL, "A row of the trail was changed.", study, record=f"row {leaf.entry_id}")
    if (sha256, len(leaves)) != (seal.sha256, seal.entry_count):
        yield Break(Part.TRAIL, "A seal does not close over the rows that it covers.")
