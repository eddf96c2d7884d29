"""Software versions of client and workers, and their differences."""

from dataclasses import dataclass

from weld_cell.traceability.provenance import software_in_use


@dataclass(frozen=True)
class Software:
    """What results follow from, beside bag and settings.

    Attributes:
        weld_cell: Its version.
        source: SHA-256 of its Python files.
        libraries: Name and version of Python and of each library.
        models: Name and SHA-256 of each shipped model.
    """

    weld_cell: str
    source: str
    libraries: tuple[tuple[str, str], ...]
    models: tuple[tuple[str, str], ...]

    def differences(self, other: 'Software') -> list[str]:
        """In what another one differs, in words: theirs, then ours."""
        ours, theirs = self._named(), other._named()
        return [
            f'{name} {theirs.get(name, "missing")} instead of {ours.get(name, "none")}'
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        ]

    def _named(self) -> dict[str, str]:
        models = {f'model {name}': digest[:12] for name, digest in self.models}
        own = {'weld_cell': self.weld_cell, 'source of weld_cell': self.source[:12]}
        return own | dict(self.libraries) | models


def own_software() -> Software:
    """Of this process."""
    told = software_in_use()
    return Software(
        told.version,
        told.source_sha256,
        tuple((each.name, each.version) for each in told.libraries),
        tuple((each.name, each.sha256) for each in told.models),
    )
