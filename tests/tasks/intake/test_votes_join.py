"""A vote finds its chat, whichever of the two came first, and makes no stage run again."""

from tasks.adapters import store

AT = "2026-03-02T10:00:00Z"
LATER = "2026-03-02T11:00:00Z"


def vote(target, value="up", **more):
    return {"target_id": target, "vote": value} | more


def votes(logs):
    """Return (status, chat is known, turn, value) of every vote."""
    known = set(logs.column("chats", "chat_id"))
    rows = logs.table("votes")
    found = [(v["status"], v["chat_id"] in known, v["turn"], v["value"]) for v in rows]
    return sorted(found, key=repr)


def test_vote_inside_a_chat_is_joined_to_it(logs, chat):
    logs.write("a.jsonl", chat("Hello", "Hi", at=AT, feedback="down", comment="too short"))
    logs.pull()
    (row,) = logs.table("votes")
    assert (row["status"], row["value"], row["comment"]) == ("joined", 0.0, "too short")
    assert row["chat_id"] == logs.column("chats", "chat_id")[0]


def test_vote_inside_a_message_is_of_that_turn(logs, chat):
    record = chat("Hello", "Hi", "Why?", "Because", at=AT)
    record["messages"][3]["feedback"] = "up"
    logs.write("a.jsonl", record)
    logs.pull()
    assert votes(logs) == [("joined", True, 1, 1.0)]


def test_vote_that_every_version_of_a_chat_repeats_is_one(logs, chat):
    logs.write("a.jsonl", chat("Hello", "Hi", id="c1", at=AT, feedback="up"))
    logs.pull()
    logs.append("a.jsonl", chat("Hello", "Hi", "Why?", id="c1", at=AT, feedback="up"))
    logs.pull()
    assert len(logs.table("votes")) == 1


def test_vote_on_a_record_finds_its_turn_in_any_order(logs, call):
    calls = {
        name: [
            call("Hello", id=f"{name}-1", conversation=name, at=AT),
            call("Hello", "Hi", "Why?", id=f"{name}-2", conversation=name, at=LATER),
        ]
        for name in ("before", "after", "between")
    }
    (first, second) = calls["between"]
    logs.write("a.jsonl", vote("before-2"), *calls["after"], first, vote("between-2"))
    logs.pull()
    logs.append("a.jsonl", *calls["before"], vote("after-2"), second)
    logs.pull()
    assert votes(logs) == [("joined", True, 1, 1.0)] * 3


def test_vote_on_a_conversation_is_of_the_whole_chat_in_any_order(logs, chat):
    def talk(name, *said):
        return chat("Hello", *said, id=name, at=AT)

    logs.write("a.jsonl", vote("before"), talk("after"), talk("grown"), vote("grown"))
    logs.pull()
    logs.append("a.jsonl", talk("before"), vote("after"), talk("grown", "Hi", "Why?"))
    logs.pull()
    assert votes(logs) == [("joined", True, None, 1.0)] * 3


def test_vote_on_a_session_joins_its_latest_chat(logs, call):
    logs.write(
        "a.jsonl",
        vote("c1"),
        call("Hello", id="r1", conversation="c1", at="2026-03-01T10:00:00Z"),
        call("Where is Oslo?", id="r2", conversation="c1", at=AT),
    )
    logs.pull()
    (row,) = logs.table("votes")
    latest = next(chat for chat in logs.table("chats") if chat["started_at"].day == 2)
    assert (row["chat_id"], row["status"], row["turn"]) == (latest["chat_id"], "joined", None)


def test_latest_chat_of_a_session_is_the_last_to_begin_on_its_day(logs, call):
    calls = [
        call(f"Question {hour}", id=f"r{hour}", conversation="c1", at=f"2026-03-02T{hour}:00:00Z")
        for hour in range(10, 18)
    ]
    logs.write("a.jsonl", *calls[::-1], vote("c1"))
    logs.pull()
    (row,) = logs.table("votes")
    latest = max(logs.table("chats"), key=lambda chat: chat["started_at"])
    assert row["chat_id"] == latest["chat_id"]


def test_vote_on_nothing_dangles_until_its_chat_comes(logs, chat):
    logs.write("votes.jsonl", vote("c1"))
    logs.pull()
    assert votes(logs) == [("dangling", False, None, 1.0)]
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT))
    logs.pull()
    assert votes(logs) == [("joined", True, None, 1.0)]


def test_vote_of_another_source_finds_nothing(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT))
    logs.pull()
    logs.set_source(name="other")
    logs.write("a.jsonl", vote("c1"))
    logs.pull()
    assert votes(logs) == [("dangling", False, None, 1.0)]


def test_both_signs_on_one_chat_or_turn_are_in_conflict(logs, chat):
    turns = {"whole": {}, "turn": {"turn": 0}}
    for value in ("up", "down"):
        for name, turn in turns.items():
            logs.append("a.jsonl", chat("Hello", id=name, at=AT), vote(name, value, **turn))
        logs.pull()
    assert [status for status, *_ in votes(logs)] == ["conflicting"] * 4


def test_signs_on_two_turns_are_in_no_conflict(logs, chat):
    said = chat("Hello", "Hi", "Why?", id="c1", at=AT)
    logs.write("a.jsonl", said, vote("c1", turn=0), vote("c1", "down", turn=1))
    logs.pull()
    assert {status for status, *_ in votes(logs)} == {"joined"}


def test_vote_that_was_changed_counts_as_given_last(logs, chat):
    given = {"up": AT, "down": LATER}
    for target, order in {"c1": ["up", "down"], "c2": ["down", "up"]}.items():
        logs.append("chats.jsonl", chat("Hello", id=target, at=AT))
        for name, value in zip("ab", order, strict=True):
            changed = vote(target, value, vote_id=f"v-{target}", timestamp=given[value])
            logs.append(f"{name}.jsonl", changed)
    logs.pull()
    assert votes(logs) == [("joined", True, None, 0.0)] * 2


def test_late_vote_makes_no_later_stage_run_again(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT))
    logs.pull()
    before = logs.column("stage_runs", "outputs")
    logs.append("a.jsonl", vote("c1"))
    logs.pull()
    assert logs.column("stage_runs", "outputs") == before
    assert logs.column("stage_runs", "stale") == [None]
    assert logs.outcomes() == {"chat": 1, "vote": 1, "quarantine": 0}


def test_latest_thumb_is_the_vote_of_the_chat_and_one_taken_back_is_none(logs, chat):
    for name in ("c1", "c2", "c3", "c4"):
        logs.append("chats.jsonl", chat("Hello", id=name, at=AT))
    logs.write(
        "votes.jsonl",
        vote("c1", "down", timestamp=LATER),
        vote("c1", timestamp=AT),
        vote("c2"),
        {"target_id": "c3", "rating": 4},
        vote("c4", timestamp=AT),
        vote("c4", None, timestamp=LATER),
    )
    logs.pull()
    assert {c["source_id"]: c["vote"] for c in logs.table("chats")} == {
        "c1": 0.0,
        "c2": 1.0,
        "c3": None,
        "c4": None,
    }
    assert len(logs.table("votes")) == 6


def test_vote_that_comes_days_later_changes_its_own_chat_alone(logs, chat):
    logs.write("a.jsonl", *(chat("Hello", id=f"c{n}", at=f"2026-03-0{n}") for n in (1, 2, 3)))
    logs.pull()
    before = {row["source_id"]: row for row in logs.table("chats")}
    logs.write("votes.jsonl", vote("c2", "down", timestamp="2026-03-09"))
    logs.pull()
    after = {row["source_id"]: row for row in logs.table("chats")}
    assert after == before | {"c2": before["c2"] | {"vote": 0.0}}


def test_chat_that_grows_keeps_its_vote(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT, feedback="up"))
    logs.pull()
    logs.append("a.jsonl", chat("Hello", "Hi", "Why?", id="c1", at=AT))
    logs.pull()
    assert logs.column("chats", "vote") == [1.0]


def test_vote_of_a_source_that_speaks_of_another_finds_its_chat(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at=AT))
    logs.pull()
    logs.set_source(name="app", votes_on="logs")
    logs.write("a.jsonl", vote("c1"))
    logs.pull()
    assert votes(logs) == [("joined", True, None, 1.0)]


def test_view_tells_what_votes_on_each_turn_come_to_and_which_dangle(logs, chat):
    said = chat("Hello", "Hi", "Why?", id="c1", at=AT)
    logs.write(
        "a.jsonl",
        said,
        vote("c1", turn=1, timestamp=AT),
        vote("c1", "down", turn=1, timestamp=LATER, comment="No."),
        vote("c9"),
    )
    logs.pull()
    with store.reading(logs.cfg.warehouse) as con:
        resolved = store.frame(con, "FROM resolved_votes").to_dicts()
        dangling = store.frame(con, "FROM dangling_votes")["target_id"].to_list()
    (row,) = resolved
    assert (row["turn"], row["kind"], row["vote"], row["comment"]) == (1, "thumb", 0.0, "No.")
    assert (row["votes"], row["conflicting"]) == (2, True)
    assert dangling == ["c9"]


def test_vote_on_a_message_is_of_its_turn(logs, chat):
    record = chat("Hello", "Hi", "Why?", "Because", id="c1", at=AT)
    for number, message in enumerate(record["messages"]):
        message["id"] = f"m{number}"
    logs.write("a.jsonl", vote("m3"), record, vote("m1", "down"))
    logs.pull()
    assert votes(logs) == [("joined", True, 0, 0.0), ("joined", True, 1, 1.0)]


def test_vote_finds_a_conversation_that_is_part_of_a_session(logs, chat):
    said = chat("Hello", "Hi", id="r1", at=AT, conversation_id="c1", session_id="s1")
    logs.write("a.jsonl", said, vote("r1"), vote("c1"), vote("s1"))
    logs.pull()
    assert {status for status, *_ in votes(logs)} == {"joined"}
