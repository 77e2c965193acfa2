"""The defects that an answer may have, in the order in which they are listed.

The checks themselves are in tasks/checks; settings and task types name them, and are held to this
list.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from schemas.errors import TaxonomyError

SPECIAL_CHECKS = ("label_not_in_set", "contradicts_numbers")  # for task types that name them
CHECK_NAMES: tuple[str, ...] = (
    "empty",
    "cut_off",
    "unclosed",
    "refusal",
    "identity_leak",
    "cutoff_talk",
    "reasoning_residue",
    "wrong_language",
    "loop",
    "equals_prompt",
    "invalid_tool_call",
    "invalid_json",
    "schema_mismatch",
    "label_not_in_set",
    "format_missed",
    "count_missed",
    "length_missed",
    "contradicts_numbers",
    "wrong_quotes",
    "wrong_punctuation",
)
GENERAL = "general"  # in the list of a task type: all that are not special


def wanted_checks(names: Iterable[str]) -> frozenset[str]:
    """Return the checks a task type wants, from `general`, names, and `-name` for one to leave out.

    Raises:
        TaxonomyError: a name that is none of these.
    """
    wanted: set[str] = set()
    for name in names:
        bare = name.removeprefix("-")
        if bare not in CHECK_NAMES and name != GENERAL:
            near = get_close_matches(bare, [GENERAL, *CHECK_NAMES], n=1, cutoff=0)[0]
            raise TaxonomyError(
                f"no check is named {bare!r}; the nearest is {near!r}. `flywheel taxonomy check` "
                "says which task type names it."
            )
        if name == GENERAL:
            wanted |= set(CHECK_NAMES) - set(SPECIAL_CHECKS)
        elif name.startswith("-"):
            wanted.discard(bare)
        else:
            wanted.add(name)
    return frozenset(wanted)
