"""Tags by the strong model: looked up one by one, bought in packs, asked again where it failed."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from schemas.replies import TagReply
from schemas.run import Run
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.adapters import calls
from tasks.call_progress import progress_of_calls
from tasks.tagging import requests
from tasks.tagging.packs import Pack, packs
from tasks.tagging.replies import Unusable, checked, read_pack, read_single
from tasks.tagging.shown import Shown, show
from tasks.tagging.stored import stored_tags
from tasks.tagging.tag import Tag, nobody

_NO_SCHEMAS = re.compile(r"\bHTTP (400|422)\b")


class Plan(NamedTuple):
    """Calls to make for tags."""

    requests: list[calls.Request]
    keys: dict[str, str]  # prompt_id -> tag_key of every prompt whose tag they will tell


class Broken(NamedTuple):
    """A reply about one prompt that needs repair."""

    shown: Shown
    asked: calls.Request
    said: str
    problem: str


def known_tags(
    rows: Sequence[dict[str, Any]], types: TaskTypes, warehouse: Path, run: Run
) -> dict[str, Tag]:
    """Return what the strong model said of `rows` before, by prompt_id; no failures."""
    shown = _shown(rows, run)
    keys = {each.key for each in shown.values()}
    known = stored_tags(keys, types, warehouse, retry_failed=run.retry_failed)
    return {
        id: known[each.key]
        for id, each in shown.items()
        if each.key in known and known[each.key].tagger == "model"
    }


def strong_tags(
    rows: Sequence[dict[str, Any]], types: TaskTypes, warehouse: Path, run: Run
) -> tuple[dict[str, Tag], str | None]:
    """Return the tags of `rows` by prompt_id, and why some are missing: a cap, a dead server.

    Prompts of which the model is shown the same are one prompt.
    """
    shown = _shown(rows, run)
    by_key = _by_key(shown.values())
    tags = stored_tags(by_key, types, warehouse, retry_failed=run.retry_failed)
    asking = _Asking(types, warehouse, run)
    asking.ask([each for key, each in by_key.items() if key not in tags])
    tags |= asking.tags
    found = {id: tags[each.key] for id, each in shown.items() if each.key in tags}
    return found, asking.pending


def first_calls(
    rows: Sequence[dict[str, Any]],
    types: TaskTypes,
    warehouse: Path,
    run: Run,
    asked: Set[str] = frozenset(),
) -> Plan:
    """Return the calls that `strong_tags` begins with for the same rows; nothing is sent.

    `asked` are tag keys that other calls will have asked about by then. What an unusable reply
    takes, a second question or a third, nobody knows before.
    """
    shown = _shown(rows, run)
    by_key = _by_key(shown.values())
    tags = stored_tags(by_key, types, warehouse, retry_failed=run.retry_failed)
    cfg, form = run.cfg.tag, run.cfg.tag.response_format
    misses = [each for key, each in by_key.items() if key not in tags and key not in asked]
    shared = packs(misses, cfg.pack, cfg.max_prompt_chars)
    first = [
        requests.packed(pack, types, form)
        if len(pack) > 1
        else requests.single(pack[0], types, form)
        for pack in shared
    ]
    return Plan(first, {id: each.key for id, each in shown.items() if each.key not in tags})


def _by_key(shown: Iterable[Shown]) -> dict[str, Shown]:
    """Return one prompt per tag key; it is asked about alone where any of them must be."""
    by_key: dict[str, Shown] = {}
    for each in shown:
        alone = each.alone or (each.key in by_key and by_key[each.key].alone)
        by_key[each.key] = replace(each, alone=alone)
    return by_key


def _shown(rows: Sequence[dict[str, Any]], run: Run) -> dict[str, Shown]:
    group = run.cfg.llm.group or run.cfg.llm.model
    return {row["prompt_id"]: show(row, run.cfg.tag.max_prompt_chars, group) for row in rows}


@dataclass(slots=True)
class _Asking:
    """Three rounds of calls: packs, the prompts of failed packs one by one, repairs."""

    types: TaskTypes
    warehouse: Path
    run: Run
    tags: dict[str, Tag] = field(default_factory=dict)  # by tag_key
    pending: str | None = None
    heard: int = 0  # replies

    def ask(self, misses: Sequence[Shown]) -> None:
        """Find a tag for every prompt, unless a cap or a dead server leaves some pending."""
        cfg = self.run.cfg.tag
        shared = packs(misses, cfg.pack, cfg.max_prompt_chars)
        lone = [pack[0] for pack in shared if len(pack) == 1]
        failed = self._ask_packs([pack for pack in shared if len(pack) > 1])
        self._repair(self._ask_singly(lone + failed))
        if self.pending and not self.heard and _NO_SCHEMAS.search(self.pending):
            self.pending += (
                ' If it knows no JSON schemas, set response_format = "json_object" or "text" '
                "under [tag]"
            )

    def _ask_packs(self, shared: Sequence[Pack]) -> list[Shown]:
        """Return the prompts that must be asked about singly."""
        form = self.run.cfg.tag.response_format
        asked = [requests.packed(pack, self.types, form) for pack in shared]
        replies = self._replies(asked, "tag")
        return [
            shown
            for pack, reply in zip(shared, replies, strict=True)
            for shown in self._left_of(pack, reply)
        ]

    def _left_of(self, pack: Pack, reply: calls.Reply) -> Sequence[Shown]:
        """Keep the tags of a pack; return the prompts that it left without."""
        if reply.pending:
            return ()
        if reply.error:
            return pack
        try:
            said = read_pack(reply.text or "", requests.ids(pack))
        except Unusable:
            return pack
        both = zip(pack, said, strict=True)
        return [shown for shown, tag in both if not self._is_kept(shown, tag, reply)]

    def _is_kept(self, shown: Shown, said: TagReply, reply: calls.Reply) -> bool:
        try:
            self._keep(shown, checked(said, self.types), reply)
        except Unusable:
            return False
        return True

    def _ask_singly(self, shown: Sequence[Shown]) -> list[Broken]:
        """Return the replies that name no task type of the list."""
        form = self.run.cfg.tag.response_format
        asked = [requests.single(each, self.types, form) for each in shown]
        replies = self._replies(asked, "tag, singly")
        return [
            Broken(each, request, reply.text or "", problem)
            for each, request, reply in zip(shown, asked, replies, strict=True)
            if (problem := self._read(each, reply))
        ]

    def _repair(self, broken: Sequence[Broken]) -> None:
        """Ask once more; who fails again is unknown."""
        asked = [requests.repair(each.asked, each.said, each.problem) for each in broken]
        for each, reply in zip(broken, self._replies(asked, "tag, repair"), strict=True):
            problem = self._read(each.shown, reply)
            if problem:
                self._give_up(each.shown, f"the reply was of no use, twice: {problem}", reply)

    def _read(self, shown: Shown, reply: calls.Reply) -> str | None:
        """Keep the tag of one prompt, or say what is wrong with the reply."""
        if reply.pending:
            return None
        if reply.error:
            self._give_up(shown, reply.error, reply)
            return None
        try:
            self._keep(shown, checked(read_single(reply.text or ""), self.types), reply)
        except Unusable as problem:
            return str(problem)
        return None

    def _keep(self, shown: Shown, said: TagReply, reply: calls.Reply) -> None:
        sure = 0.0 if said.task_type == UNKNOWN else 1.0
        self.tags[shown.key] = Tag(
            said.task_type, "model", sure, said.reason, shown.key, reply.call_key
        )

    def _give_up(self, shown: Shown, why: str, reply: calls.Reply) -> None:
        self.tags[shown.key] = replace(nobody(why), tag_key=shown.key, call_key=reply.call_key)

    def _replies(self, asked: Sequence[calls.Request], label: str) -> Iterator[calls.Reply]:
        if not asked:
            return
        with progress_of_calls(label, len(asked)) as watch:
            for reply in calls.ask(self.warehouse, self.run, asked, watch):
                self.pending = reply.pending or self.pending
                self.heard += not (reply.error or reply.pending)
                yield reply
