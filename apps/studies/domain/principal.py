"""Who asks, and what they were granted on which study or site; the only thing rights are asked of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.accounts.domain.roles import Permission
from apps.studies.domain.audience import Audience

Granted = Mapping[int, frozenset[Permission]]


@dataclass(frozen=True, slots=True)
class Principal:
    """A user's grants at this moment, by study and by site (database ids); being superuser adds nothing."""

    user_id: int | None
    name: str
    on_studies: Granted = field(default_factory=dict)
    on_sites: Granted = field(default_factory=dict)
    study_of_site: Mapping[int, int] = field(default_factory=dict)

    @property
    def study_ids(self) -> frozenset[int]:
        """Studies of which the principal sees anything."""
        whole = {study for study, held in self.on_studies.items() if Permission.VIEW in held}
        return frozenset(whole | {self.study_of_site[site] for site in self.site_ids})

    @property
    def whole_study_ids(self) -> frozenset[int]:
        """Studies of which the principal sees every site."""
        return frozenset(study for study, held in self.on_studies.items() if Permission.VIEW in held)

    @property
    def site_ids(self) -> frozenset[int]:
        """Sites the principal was granted one by one."""
        return frozenset(site for site, held in self.on_sites.items() if Permission.VIEW in held)

    def may(self, permission: Permission, study_id: int, site_id: int | None = None) -> bool:
        """Whether the permission was granted on the study, or on the site."""
        if permission in self.on_studies.get(study_id, frozenset()):
            return True
        return site_id is not None and permission in self.on_sites.get(site_id, frozenset())

    def sites_with(self, permission: Permission, study_id: int) -> list[int]:
        """Sites of a study at which the permission was granted one by one."""
        sites = (site for site, study in self.study_of_site.items() if study == study_id)
        return [site for site in sites if permission in self.on_sites.get(site, frozenset())]

    def may_anywhere(self, permission: Permission, study_id: int) -> bool:
        """Whether the permission was granted on the study, or on any of its sites."""
        return self.may(permission, study_id) or bool(self.sites_with(permission, study_id))

    def audience(self, study_id: int, *, is_blinded: bool) -> Audience:
        """The projection of a study that the principal reads; unblinding is granted on whole studies only."""
        if not is_blinded or self.may(Permission.VIEW_UNBLINDED, study_id):
            return Audience.UNBLINDED
        return Audience.BLINDED
