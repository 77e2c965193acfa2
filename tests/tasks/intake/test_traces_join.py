"""What tracing tools write apart comes together: spans, observations, and scores of them."""

from tests.tasks.sources.formats.test_langfuse import HELLO, HI, at, event, generation, trace
from tests.tasks.sources.formats.test_otel import CALL, SCORED, log, otlp_span, said, spans

ASKED, ANSWERED = [said("user", "Hello")], [said("assistant", "Hi")]
MORE = [*ASKED, *ANSWERED, said("user", "More")]


def call(given, number, **more):
    attributes = {**CALL, "gen_ai.input.messages": given, "gen_ai.output.messages": ANSWERED}
    return otlp_span({**attributes, **more}, number)


def test_the_spans_of_an_export_are_records_and_versions_of_one_chat(logs):
    other = call([said("user", "Bye")], 3)
    logs.write("spans.json", spans(call(ASKED, 1), call(MORE, 2), other, otlp_span({}, 4)))
    logs.pull()
    assert logs.outcomes() == {"chat": 3, "vote": 0, "quarantine": 0}
    assert logs.texts() == [["Bye"], ["Hello", "More"]]


def test_an_evaluation_in_another_file_finds_the_turn_of_its_span(logs):
    scored = log("gen_ai.evaluation.result", attributes=SCORED.items())
    logs.write("a.jsonl", exported(scored))
    logs.write("b.jsonl", spans(call(ASKED, 1, **{"gen_ai.response.id": "r1"}), call(MORE, 2)))
    logs.pull()
    (vote,) = logs.table("votes")
    assert (vote["kind"], vote["status"], vote["turn"]) == ("relevance", "joined", 0)


def exported(*records):
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": list(records)}]}]}


def test_scores_of_langfuse_find_observations_traces_and_sessions_in_other_files(logs):
    history = [HELLO, HI, {"role": "user", "content": "More"}]
    first = trace(generation([HELLO], HI), sessionId="s1")
    second = generation(history, HI, 2, traceId="t2")
    logs.write("traces.jsonl", first, trace(second, id="t2", sessionId="s1"))
    targets = [{"traceId": "t1"}, {"traceId": "t2", "observationId": "o2"}, {"sessionId": "s1"}]
    scores = [
        {"id": f"v{n}", "name": f"n{n}", "value": 1, **named} for n, named in enumerate(targets)
    ]
    logs.write("scores.jsonl", {"data": scores, "meta": {"page": 1}})
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 3, "quarantine": 0}
    assert logs.texts() == [["Hello", "More"]]
    votes = {vote["kind"]: (vote["status"], vote["turn"]) for vote in logs.table("votes")}
    assert votes == {"n0": ("joined", 0), "n1": ("joined", 1), "n2": ("joined", None)}


def test_a_trace_that_is_sent_in_two_batches_is_one_chat(logs):
    made = event("generation-create", 1, id="o1", traceId="t1", input=[HELLO], startTime=at(1))
    done = {"id": "o2", "traceId": "t1", "input": [HELLO], "output": "Hi", "startTime": at(2)}
    for name, sent in (("a.jsonl", made), ("b.jsonl", event("generation-create", 2, **done))):
        logs.write(name, {"batch": [sent], "metadata": {}})
    logs.pull()
    (chat,) = logs.table("chats")
    assert [message["content"] for message in chat["messages"]] == ["Hello", "Hi"]
