"""What the tests of tagging share: rows of prompts, and models that read what they are sent."""

import json
import re
from datetime import date

import pytest

from schemas.conversation import text_message
from schemas.run import Run
from schemas.settings import TagSettings
from schemas.task_types import load
from tasks.tagging.strong import strong_tags

FENCE = re.compile(r"^<prompt-(\w+)>\n(.*?)\n</prompt-\1>$", re.DOTALL | re.MULTILINE)


class Sent:
    """A tagging request as a model sees it."""

    def __init__(self, body):
        self.system = body["messages"][0]["content"]
        self.message = body["messages"][1]["content"]
        self.turns = [message["content"] for message in body["messages"]]
        self.is_pack = body["response_format"]["json_schema"]["name"] == "task_types"
        self.is_repair = len(body["messages"]) > 2
        self.prompts = FENCE.findall(self.message)  # (id, text), in order
        self.outside = FENCE.sub("", self.message)

    def reply(self, label_of):
        """Reply as asked, with the label that `label_of` gives each text."""
        tags = [
            {"id": id, "reason": "It looks like it.", "task_type": label_of(text)}
            for id, text in self.prompts
        ]
        if self.is_pack:
            return json.dumps({"tags": tags})
        return json.dumps({key: tags[0][key] for key in ("reason", "task_type")})


@pytest.fixture(scope="session")
def sent():
    return Sent


@pytest.fixture(scope="session")
def types():
    return load()


@pytest.fixture(scope="session")
def rows_of():
    """Make rows as the stage reads them: rows_of("text", ..., before=(...), hostile=True)."""

    def make(*texts, before=(), hostile=False):
        roles = ("user", "assistant")
        talk = [text_message(roles[n % 2], text) for n, text in enumerate(before)]
        return [
            {
                "prompt_id": f"p{n}",
                "day": date(2026, 3, 2),
                "messages": [*talk, text_message("user", text)],
                "prompt": text,
                "hostile": hostile,
                "input_hash": n,
            }
            for n, text in enumerate(texts)
        ]

    return make


@pytest.fixture
def ask(cfg, types):
    """Tag rows with a served model: (tag by text, why some are missing)."""

    def tag(rows, llm, *, pack=8, **changed):
        run = Run(cfg=cfg.model_copy(update={"llm": llm, "tag": TagSettings(pack=pack)} | changed))
        tags, pending = strong_tags(rows, types, run.cfg.warehouse, run)
        texts = {row["prompt_id"]: row["prompt"] for row in rows}
        return {texts[id]: tag for id, tag in tags.items()}, pending

    return tag
