"""Static files under names that say what is in them, compressed once, which browsers keep for good."""

from collections.abc import Iterable, Iterator

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ShownStaticFiles(StaticFilesConfig):
    """Collects what some page of the portal loads; libraries bring files of pages that the portal has not."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "guardian",
        "oauth2_provider",
        "redoc",
        "rest_framework",
    ]


class HashedStatic(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the library is not typed
    """Hashed names in pages, style sheets and the imports of scripts."""

    support_js_module_import_aggregation = True

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages ask for; a plain name is asked for by nobody."""
        yield from super().compress_files(set(paths) & set(self.hashed_files.values()))

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one where nothing was collected yet: pages come first, their style after."""
        return str(super().stored_name(name)) if self.hashed_files else name
