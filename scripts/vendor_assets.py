"""The third-party files served to browsers: check them against their manifest, or fetch the versions it names.

They are committed, so running or installing the portal needs no Node; only whoever raises a version runs `fetch`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Asset:
    """One vendored file: the npm package and the path in it, its licence, where it lies here and its hash."""

    name: str
    version: str
    licence: str
    source: str
    file: str
    sha256: str


def read_manifest(vendor: Path) -> list[Asset]:
    """The assets named by the manifest of a vendor folder."""
    manifest = json.loads((vendor / MANIFEST).read_text(encoding="utf-8"))
    return [Asset(**entry) for entry in manifest["assets"]]


def write_manifest(vendor: Path, assets: Sequence[Asset]) -> None:
    """Write the manifest of a vendor folder, one asset after the other."""
    text = json.dumps({"assets": [asdict(asset) for asset in assets]}, indent=2) + "\n"
    (vendor / MANIFEST).write_text(text, encoding="utf-8")


def problems(vendor: Path) -> list[str]:
    """One sentence for each file that is missing, altered or not named in the manifest; empty when all is well."""
    assets = read_manifest(vendor)
    named = {asset.file for asset in assets}
    present = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    found = [
        f"{path} is not in the manifest; add it there or delete it" for path in sorted(present - named - {MANIFEST})
    ]
    for asset in assets:
        found.extend(_problem_of(vendor, asset))
    return found


def _problem_of(vendor: Path, asset: Asset) -> list[str]:
    path = vendor / asset.file
    if not path.is_file():
        return [f"{asset.file} is missing; run scripts/vendor_assets.py fetch"]
    got = _sha256(path)
    if got == asset.sha256:
        return []
    return [f"{asset.file} has SHA-256 {got}, expected {asset.sha256}; run scripts/vendor_assets.py fetch"]


def fetch(vendor: Path) -> None:
    """Copy every asset out of the npm package and version the manifest names, and record its SHA-256."""
    assets = read_manifest(vendor)
    with tempfile.TemporaryDirectory() as folder:
        archives = {key: _pack(Path(folder), *key) for key in {(asset.name, asset.version) for asset in assets}}
        fetched = [_extract(archives[asset.name, asset.version], asset, vendor) for asset in assets]
    write_manifest(vendor, fetched)


def _pack(folder: Path, name: str, version: str) -> Path:
    command = ["npm", "pack", "--silent", f"{name}@{version}"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    return folder / done.stdout.strip().splitlines()[-1]


def _extract(archive: Path, asset: Asset, vendor: Path) -> Asset:
    with tarfile.open(archive) as package:
        member = package.extractfile(f"package/{asset.source}")
        if member is None:
            raise FileNotFoundError(f"{asset.name} {asset.version} has no file {asset.source}; correct the manifest")
        target = vendor / asset.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(member.read())
    return replace(asset, sha256=_sha256(target))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: Sequence[str] | None = None, vendor: Path = VENDOR) -> int:
    """Run the command line: 0 when every file is as the manifest says, 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["check", "fetch"], nargs="?", default="check")
    if parser.parse_args(arguments).command == "fetch":
        fetch(vendor)
    found = problems(vendor)
    sys.stdout.writelines(f"{line}\n" for line in found or ["Every vendored file is as the manifest says."])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
