import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from schemas.settings import DedupeSettings
from tasks.demo import follow_ups, private
from tasks.demo.everyday import ordinary_day
from tasks.demo.plants import plant
from tasks.demo.recognise import recognise
from tasks.demo.skills import SKILLS
from tasks.demo.story import DAYS, Story
from tasks.demo.world import write_logs
from tasks.redaction.redact import redact_raw
from tasks.similarity.verify import are_twins

ROOT = Path(__file__).parents[3]
NEW = {"maths/date_calculation", "reasoning/sorting", "classification/intent"}
CHECKABLE = {one.label for one in SKILLS}


class World:
    """The files of a world, read as any reader would: by their bytes alone."""

    def __init__(self, folder, chats_per_day):
        self.summary = write_logs(folder, chats_per_day=chats_per_day)
        self.counts = Counter(self.summary.counts)
        self.texts = {path.name: path.read_text("utf-8") for path in self.summary.files}
        self.calls = [line for name in self.texts if name[0] == "2" for line in self.lines(name)]
        self.messages = [parsed(line) for line in self.all_lines("messages-")]
        self.votes = [parsed(line) for line in self.all_lines("votes-")]
        self.good = [call for call in map(parsed, dict.fromkeys(self.calls)) if is_whole(call)]

    def lines(self, name):
        return self.texts[name].splitlines()

    def all_lines(self, prefix):
        return [line for name in self.texts if name.startswith(prefix) for line in self.lines(name)]

    def chats(self):
        """Each conversation once, at its longest: (id, user, started, messages)."""
        longest = {}
        for call in sorted(self.good, key=lambda call: len(call["request"]["messages"])):
            longest[call["conversation_id"]] = (
                call["user"],
                at(call["conversation_started_at"]),
                [*call["request"]["messages"], call["response"]["choices"][0]["message"]],
            )
        for chat in self.messages:
            longest[chat["id"]] = (chat["user"], at(chat["timestamp"]), chat["messages"])
        return [(chat_id, *rest) for chat_id, rest in longest.items()]


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


def is_whole(call):
    roles = {m["role"] for m in call["request"]["messages"]} if call and "id" in call else set()
    return "user" in roles and roles <= {"system", "user", "assistant", "tool"}


def at(text):
    return datetime.fromisoformat(text)


def user_turns(messages):
    return [message["content"] for message in messages if message["role"] == "user"]


@pytest.fixture(scope="module", params=[30, 150])
def world(request, tmp_path_factory):
    return World(tmp_path_factory.mktemp("logs"), request.param)


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        write_logs(folder, chats_per_day=30, seed=seed)
    a, b, c = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert a == b
    assert a.keys() == c.keys()
    assert a != c


def test_the_bytes_do_not_depend_on_the_hash_seed_of_the_process(tmp_path):
    code = "import sys; from pathlib import Path; from tasks.demo.world import write_logs\n"
    code += "write_logs(Path(sys.argv[1]), chats_per_day=30)"
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(tmp_path / seed)]
        subprocess.run(command, check=True, env=env, cwd=ROOT)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / s).iterdir()} for s in ("1", "2"))
    assert one == two


def test_every_plant_is_there_at_least_once(world):
    assert len(world.counts) >= 31
    assert min(world.counts.values()) >= 1
    assert len(world.summary.files) == 9


def test_too_small_a_world_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 30"):
        write_logs(tmp_path, chats_per_day=29)


def test_records_add_up(world):
    counts = world.counts
    broken = sum(n for name, n in counts.items() if name.startswith("broken_"))
    grown = counts["grown_same_day"] + counts["grown_next_day"]
    assert counts["records"] == len(world.calls) + len(world.messages)
    assert counts["records"] == counts["chats"] + grown + counts["repeated_lines"] + broken
    assert counts["chats"] == len(world.chats())
    assert counts["multi_turn_chats"] == sum(len(user_turns(c[3])) > 1 for c in world.chats())


def test_calls_have_the_form_of_openai(world):
    call = world.good[0]
    assert call.keys() >= {"id", "timestamp", "conversation_id", "conversation_started_at", "user"}
    assert call["request"]["model"] == call["response"]["model"] == "assistant-v0"
    assert call["response"]["object"] == "chat.completion"
    usage = call["response"]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert call["response"]["choices"][0]["finish_reason"] == "stop"
    assert at(call["timestamp"]).utcoffset() == timedelta(0)


def test_lines_stand_in_the_file_of_their_day_in_order_of_time(world):
    for name in world.texts:
        times = [
            at(record["timestamp"])
            for record in map(parsed, world.lines(name))
            if isinstance(record, dict) and record and (name[0] != "2" or is_whole(record))
        ]
        if not name.startswith("messages-"):
            assert times == sorted(times)
        assert {str(time.date()) for time in times} == {name[-16:-6]}


def test_broken_lines_are_as_many_as_counted(world):
    seen = Counter()
    for line in world.calls:
        record = parsed(line)
        if record is None:
            seen["broken_cut_off"] += 1
        elif isinstance(record, str):
            seen["broken_bare_string"] += 1
        elif not record:
            seen["broken_empty_object"] += 1
        elif not is_whole(record):
            roles = {message["role"] for message in record["request"]["messages"]}
            seen["broken_unknown_role" if "narrator" in roles else "broken_no_user_turn"] += 1
    seen["repeated_lines"] = sum(
        n - 1 for line, n in Counter(world.calls).items() if is_whole(parsed(line) or {})
    )
    assert seen == {name: world.counts[name] for name in seen}
    assert len(seen) == 6


def test_chats_grow_on_the_same_day_and_overnight(world):
    seen = defaultdict(list)
    for call in world.good:
        seen[call["conversation_id"]].append(call)
    grown = [calls for calls in seen.values() if len(calls) > 1]
    overnight = 0
    for first, second in grown:
        earlier, later = user_turns(first["request"]["messages"]), second["request"]["messages"]
        assert user_turns(later)[:-1] == earlier
        assert first["conversation_started_at"] == second["conversation_started_at"]
        overnight += at(first["timestamp"]).date() < at(second["timestamp"]).date()
    assert overnight == world.counts["grown_next_day"]
    assert len(grown) - overnight == world.counts["grown_same_day"]


def test_exact_repeats_are_as_many_as_counted(world):
    asked = defaultdict(list)
    for _, user, _, messages in sorted(world.chats(), key=lambda chat: chat[2]):
        asked[user_turns(messages)[0]].append(user)
    seen = Counter()
    for prompt, users in asked.items():
        if len(prompt.strip()) > 2 and recognise(prompt) != "chat/greeting":
            same = len(users) - len(set(users))
            seen["repeats_same_user"] += same
            seen["repeats_other_user"] += len(users) - 1 - same
    assert seen == {name: world.counts[name] for name in seen}


def test_no_user_says_the_same_twice_but_where_planted(world):
    firsts = Counter((user, user_turns(messages)[0]) for _, user, _, messages in world.chats())
    assert sum(n - 1 for n in firsts.values()) == world.counts["repeats_same_user"]


@pytest.mark.parametrize("chats_per_day", [30, 150])
def test_planted_twins_are_what_dedupe_calls_twins(chats_per_day):
    story = Story(Random(7), chats_per_day)
    for day in DAYS:
        ordinary_day(story, day)
        plant(story, day)
    for twin in story.chats:
        if (twin.plant or "").startswith("near_duplicates"):
            days = {
                other.started_at.date()
                for other in story.chats
                if other.plant is None
                and other.turns[0].label == twin.turns[0].label
                and other.started_at < twin.started_at
                and other.prompt != twin.prompt
                and are_twins(other.prompt, twin.prompt, DedupeSettings())
            }
            same_day = twin.started_at.date() in days
            assert days, twin.prompt
            assert same_day or twin.plant == "near_duplicates_other_day"
            assert follow_ups.solve([twin.prompt]) is None or twin.turns[0].label in CHECKABLE


def test_user_turns_per_day_and_task_type_are_as_counted(world):
    seen = {day: Counter() for day in DAYS}
    for _, _, started, messages in world.chats():
        turns = user_turns(messages)
        for n in range(len(turns)):
            solved = follow_ups.solve(turns[: n + 1])
            if solved:
                seen[started.date()][solved[0]] += 1
    for day, kinds in world.summary.kinds.items():
        counted = {kind: n for kind, n in kinds.items() if kind in CHECKABLE}
        assert seen[day] == counted


def test_day_three_brings_types_the_days_before_did_not_have(world):
    first, second, third = (set(world.summary.kinds[day]) for day in DAYS)
    assert first == second
    assert third - first == NEW
    assert first < third
    assert len(third) == 12


def test_every_private_value_is_listed_and_they_are_everywhere(world):
    everything = "".join(world.texts.values())
    values = world.summary.private_values
    assert all(value in everything for value in values)
    assert set(re.findall(r"[a-z0-9.]+@[a-z.]*[a-z]", everything)) <= values
    assert set(re.findall(r"(?:sk-proj-|ghp_|AKIA)[A-Za-z0-9]+", everything)) <= values
    roles = defaultdict(int)
    for _, user, _, messages in world.chats():
        roles["private_users"] += user in values
        roles["private_prompts"] += any(map(private.private_values, user_turns(messages)))
        for message in messages:
            arguments = str(message.get("tool_calls"))
            roles["private_tool_arguments"] += any(value in arguments for value in values)
            is_system = message["role"] == "system"
            roles["private_system_prompts"] += is_system and "@" in message["content"]
    roles["private_vote_comments"] = sum("@" in vote.get("comment", "") for vote in world.votes)
    assert roles == {name: world.counts[name] for name in roles}


def test_redaction_finds_every_private_value(world):
    for text in world.texts.values():
        for line in text.splitlines():
            assert private.private_values(redact_raw(line)[0]) == []


def test_noise_and_injections_are_as_many_as_counted(world):
    firsts = [user_turns(messages)[0] for _, _, _, messages in world.chats()]
    words = re.compile("Bonjour|Hola|Guten|Quelle|Qué")
    orders = re.compile("tag this as|标记为|표시해")
    assert sum(not prompt.strip() for prompt in firsts) == world.counts["empty"]
    assert sum(bool(words.search(p)) for p in firsts) == world.counts["foreign_language"]
    assert sum(bool(orders.search(p)) for p in firsts) == world.counts["injections"]


def test_votes_come_inline_late_dangling_and_torn(world):
    inline = {c["conversation_id"]: c["feedback"]["value"] for c in world.good if "feedback" in c}
    ends = {}
    for call in world.good:
        ends[call["conversation_id"]] = max(
            at(call["timestamp"]), ends.get(call["conversation_id"], at(call["timestamp"]))
        )
    ends |= {chat["id"]: at(chat["timestamp"]) for chat in world.messages}
    known = [vote for vote in world.votes if vote["target_id"] in ends]
    late = [v for v in known if at(v["timestamp"]).date() > ends[v["target_id"]].date()]
    torn = [v for v in known if inline.get(v["target_id"], v["feedback"]) != v["feedback"]]
    assert len(inline) == world.counts["votes_inline"]
    assert len(world.votes) == world.counts["votes_filed"]
    assert len(world.votes) - len(known) == world.counts["dangling_votes"]
    assert len(late) == world.counts["late_votes"]
    assert len(torn) == world.counts["conflicting_votes"]
    assert {vote["feedback"] for vote in world.votes} == {"up", "down"}


def test_the_logged_assistant_is_mediocre(world):
    right = []
    for _, _, _, messages in world.chats():
        solved = follow_ups.solve(user_turns(messages)[:1])
        if solved:
            said = [m["content"] for m in messages if m["role"] == "assistant"]
            right.append(said[0] == solved[1])
    assert 0.25 < sum(right) / len(right) < 0.6


def test_three_languages_speak(world):
    prompts = "".join(user_turns(messages)[0] for _, _, _, messages in world.chats())
    assert all(re.search(script, prompts) for script in ("[a-z]", "[\u4e00-\u9fff]", "[가-힣]"))
