"""What changed: the difference of two versions, under the change that made it, with who, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.core.domain.errors import NotVisibleError
from apps.core.domain.numbers import whole_number
from apps.studies.models import ChangeSet
from apps.twins.selectors.history import number_for, reason_for, versions
from apps.twins.selectors.records import last_changes
from apps.twins.selectors.twins import twin_at
from apps.twins.web.change_lines import ChangeLine, RowChange, counts_of, differences, lines_of
from apps.twins.web.scope import SubjectView
from apps.twins.web.versions import last_look_version

# As many changes as one reads beside the problems; the rest is a step away, by the slider.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """What one version brought of the difference; `reason` is None where the reader may not know it."""

    version: int
    known_at: datetime
    actor: str
    reason: str | None
    lines: tuple[ChangeLine, ...]


class ChangesPanel(SubjectView):
    """Since the last look, or since the version before the one shown."""

    template_name = "twins/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The latest changes, newest first, and how many versions lie between."""
        change_sets = versions(self.subject, self.audience)
        look = last_look_version(change_sets, self.audience, self.user.previous_visit_at)
        after = self._after(look)
        before = twin_at(self.subject, self.audience, after)
        groups = self._groups(differences(before, self.twin), after)
        since = next((found for found in change_sets if number_for(found, self.audience) == after), None)
        return {
            "groups": groups[:SHOWN],
            "hidden_count": max(len(groups) - SHOWN, 0),
            "after": after,
            "since": since,
            "is_last_look": after == look,
            "version_count": self.version - after,
        }

    def _after(self, look: int | None) -> int:
        """The version to compare with: asked for, or the last look where something came since, or the one before."""
        asked = self.request.GET.get("since", "")
        if asked:
            number = whole_number(asked)
            if number is None or number > self.version:
                raise NotVisibleError(f"Got since={asked[:40]!r}, expected a version from 0 to {self.version}.")
            return number
        # Of a version of the past one asks what it brought, not what came since the last visit.
        if look is not None and look < self.version and self.asked_version is None:
            return look
        return max(self.version - 1, 0)

    def _groups(self, changes: Sequence[RowChange], after: int) -> list[ChangeGroup]:
        made_by = last_changes(self.subject, self.audience, after, self.version)
        by_change_set: dict[int, tuple[ChangeSet, list[RowChange]]] = {}
        for change in changes:
            change_set = made_by[change.row.id]
            by_change_set.setdefault(change_set.pk, (change_set, []))[1].append(change)
        groups = (self._group(change_set, found) for change_set, found in by_change_set.values())
        return sorted(groups, key=lambda group: -group.version)

    def _group(self, change_set: ChangeSet, changes: Sequence[RowChange]) -> ChangeGroup:
        version = number_for(change_set, self.audience)
        lines = counts_of(changes) if version == 1 else lines_of(changes, self.addresses)
        return ChangeGroup(
            version=version,
            known_at=change_set.known_at,
            actor=change_set.actor_name,
            reason=reason_for(change_set, self.audience),
            lines=tuple(lines),
        )
