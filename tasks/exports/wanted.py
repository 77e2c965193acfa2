"""What a person asks of an export."""

from dataclasses import dataclass
from pathlib import Path

from schemas.errors import SettingsError
from tasks.exports.formats import Format

SPLITS = ("train", "validation")
_FILES = (".jsonl", ".json", ".parquet")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of `flywheel dataset export`."""

    version: str
    format: str
    out: Path
    split: str | None = None  # train, validation or all; None = train for a file, all for a folder
    parquet: bool = False
    rows_per_file: int | None = None
    once: bool = False

    @property
    def is_file(self) -> bool:
        """One file, named by its ending; anything else is a folder."""
        return self.out.suffix in _FILES and not self.out.is_dir()

    @property
    def as_parquet(self) -> bool:
        """Parquet was asked for, by option or by name."""
        return self.parquet or (self.is_file and self.out.suffix == ".parquet")

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits to write."""
        if self.split in SPLITS:
            return (self.split,)
        return SPLITS if self.split or not self.is_file else SPLITS[:1]

    def check(self, wanted: Format) -> None:
        """Refuse options that do not go together.

        Raises:
            SettingsError: they do not; the message names a way out.
        """
        if self.split not in (None, *SPLITS, "all"):
            raise SettingsError(f"--split {self.split}: wanted train or validation or all.")
        if self.is_file and (len(self.splits) > 1 or self.rows_per_file):
            raise SettingsError(
                f"--out {self.out} is one file: --split all and --rows-per-file need a folder, "
                f"such as --out {self.out.stem}."
            )
        if self.is_file and self.parquet and self.out.suffix != ".parquet":
            raise SettingsError(f"--parquet with --out {self.out}: name it .parquet.")
        if self.rows_per_file is not None and self.rows_per_file < 1:
            raise SettingsError("--rows-per-file: wanted at least 1.")
        if wanted.lines_only and (self.as_parquet or self.once):
            raise SettingsError(
                f"--format {self.format} is JSON lines without further columns: leave out "
                "--parquet and --once."
            )
