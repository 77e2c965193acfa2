"""What counts as private in this project: our detectors, one of your own, kinds that may stay."""

import re
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from schemas.errors import SettingsError
from schemas.settings import FlywheelSettings, RedactionSettings
from tasks.redaction.detectors import KINDS, find_private, may_hold_private
from tasks.redaction.spans import Find, merge

Custom = Callable[[str], Iterable[tuple[int, int, str]]]
_KIND = re.compile("[A-Z][A-Z_]{1,30}")


@dataclass(frozen=True, slots=True)
class Rules:
    """Which values are private. Pass the same rules to everything that redacts."""

    custom: Custom | None = None
    name: str = ""  # of `custom`, as the settings write it
    keep: frozenset[str] = frozenset()  # kinds that stay as they are

    def may_find(self, text: str) -> bool:
        """Tell whether `find` may find something in what `text` says; False is certain."""
        return self.custom is not None or may_hold_private(text)

    def find(self, text: str, hits: Collection[int] | None = None) -> list[Find]:
        """Find the private values of a readable text: in order, none touching another.

        Args:
            hits: the detectors that may find something, where they are known.

        Raises:
            SettingsError: the custom detector failed, or returned something else than places.
        """
        finds = find_private(text, self.keep, hits)
        return finds if self.custom is None else merge(finds + self._own_finds(text, self.custom))

    def _own_finds(self, text: str, custom: Custom) -> list[Find]:
        try:
            found = list(custom(text))
        except Exception as error:
            what = f"failed with {type(error).__name__} on a text of {len(text)} characters"
            raise self._broken(what) from None  # its message may quote the text
        return [self._find(each, text) for each in found]

    def _find(self, found: Any, text: str) -> Find:
        if not isinstance(found, tuple | list) or [*map(type, found)] != [int, int, str]:
            shown = [type(part).__name__ for part in found] if isinstance(found, tuple) else "..."
            raise self._broken(f"returned {shown}")
        start, end, kind = found
        if not 0 <= start < end <= len(text):
            raise self._broken(f"returned {start} to {end} in a text of {len(text)} characters")
        if not _KIND.fullmatch(kind):
            raise self._broken("returned a kind that is no word in capitals")
        return Find(kind, (start, end))

    def _broken(self, what: str) -> SettingsError:
        return SettingsError(
            f"redaction.custom = {self.name!r} {what}. It must return (start, end, KIND) for each "
            'private value, as (8, 16, "NAME"), with 0 <= start < end <= len(text).'
        )


BUILT_IN = Rules()


def rules(cfg: RedactionSettings) -> Rules:
    """Return the rules that the settings ask for.

    Raises:
        SettingsError: there is no such function, or a kind to keep is unknown.
    """
    unknown = sorted(set(cfg.keep) - (KINDS - {"SECRET"}))
    if unknown:
        known = ", ".join(sorted(KINDS - {"SECRET"}))
        raise SettingsError(f"redaction.keep: no kind {unknown[0]!r} may be kept; known: {known}.")
    return Rules(_function(cfg.custom), cfg.custom, frozenset(cfg.keep))


def rules_of(cfg: FlywheelSettings) -> Rules:
    """Return the rules of a project; its own detector may lie beside its flywheel.toml.

    Raises:
        SettingsError: as of `rules`.
    """
    if cfg.redaction.custom and str(cfg.root) not in sys.path:
        sys.path.append(str(cfg.root))
    return rules(cfg.redaction)


def _function(name: str) -> Custom | None:
    if not name:
        return None
    module, _, function = name.partition(":")
    wanted = 'Write "package.module:function"; the module must be importable where the run starts.'
    try:
        found = getattr(import_module(module), function)
    except (ImportError, ValueError, TypeError):
        raise SettingsError(
            f"redaction.custom = {name!r}: no module {module!r}. {wanted}"
        ) from None
    except AttributeError:
        raise SettingsError(
            f"redaction.custom = {name!r}: {module} has no function {function!r}. {wanted}"
        ) from None
    except Exception as error:
        raise SettingsError(
            f"redaction.custom = {name!r}: importing {module} failed with {type(error).__name__}: "
            f"{error}. Fix the module."
        ) from None
    if not callable(found):
        raise SettingsError(f"redaction.custom = {name!r} is no function. {wanted}")
    return found  # type: ignore[no-any-return]
