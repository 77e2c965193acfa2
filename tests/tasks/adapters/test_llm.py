"""The door to models: what is tried again, what is given up, what is never kept."""

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from schemas.errors import DemoTeacherRefused
from tasks.adapters import calls
from tasks.adapters.completion import DEMO_TEACHER

pytestmark = pytest.mark.usefixtures("short_pauses")


def texts(replies):
    return [reply.text for reply in replies]


# --- tried again ---


def test_rate_limits_and_server_errors_are_retried_until_answered(buyer, model):
    for status in (408, 409, 425, 429, 500, 502, 503, 529):
        model.says(f"{status}", model.error(status), model.error(status), {})
    replies = buyer.ask(*model.script)
    assert texts(replies) == [f"re: {prompt}" for prompt in model.script]
    assert set(model.counts.values()) == {3}
    assert {row["attempts"] for row in buyer.bought()} == {3}


def test_retry_after_is_waited_for(buyer, model):
    model.says("s", model.error(429, retry_after="0.3"), {})
    model.says("ms", model.error(503, retry_after_ms="300"), {})
    assert texts(buyer.ask("s", "ms")) == ["re: s", "re: ms"]
    assert all(second - first >= 0.3 for first, second in model.times.values())


def test_retry_after_that_is_no_number_of_seconds_is_an_ordinary_pause(buyer, model):
    for odd in ("Wed, 21 Oct 2026 07:28:00 GMT", "nan", "-5", "soon"):
        model.says(odd, model.error(429, retry_after=odd), {})
    assert texts(buyer.ask(*model.script)) == [f"re: {odd}" for odd in model.script]


def test_server_that_asks_to_wait_longer_than_the_timeout_is_not_waited_for(buyer, model):
    for long in ("86400", "inf"):
        model.says(long, model.error(429, "quota of the day is used up", retry_after=long), {})
    replies = buyer.ask("86400", "inf")
    assert {reply.pending for reply in replies} == {"HTTP 429: quota of the day is used up"}
    assert texts(buyer.ask("86400", "inf")) == ["re: 86400", "re: inf"]


def test_tries_are_the_ones_set_and_none_underneath(buyer, model):
    model.says("a", model.error(500, "oops"))
    [reply] = buyer.ask("a", "b", max_attempts=4)[:1]
    assert (reply.pending, reply.error, reply.text) == ("HTTP 500: oops", None, None)
    assert model.counts == {"a": 4, "b": 1}


def broken_replies(model):
    whole = json.dumps({"choices": [{"message": {"content": "half"}}]})
    return {
        "html": model.page("<html>please log in</html>"),
        "truncated": model.page(whole[:-9]),
        "empty": model.page(""),
        "not an object": model.page("[1]"),
        "no choices": {"choices": [], "usage": None},
        "null choices": {"choices": None, "usage": None},
        "no message": {"choices": [{"index": 0}], "usage": None},
        "content is a list": {"content": [{"type": "text", "text": "a"}], "usage": None},
        "error with 200": model.page('{"error": {"message": "overloaded"}}'),
        "cut": model.cut(),
        "redirect to nowhere": model.page("", 307),
        "not modified": model.page("", 304),
    }


def test_broken_replies_are_retried_until_answered(buyer, model):
    broken = broken_replies(model)
    for prompt, step in broken.items():
        model.says(prompt, step, {})
    assert texts(buyer.ask(*broken)) == [f"re: {prompt}" for prompt in broken]
    assert model.counts == dict.fromkeys(broken, 2)


def test_broken_replies_that_stay_are_pending_and_not_kept(buyer, model):
    broken = broken_replies(model)
    for prompt, step in broken.items():
        model.says(prompt, step, step, step, {})
    *replies, even = buyer.ask(*broken, "even")
    assert [bool(reply.pending) for reply in replies] == [True] * len(broken)
    assert [reply.error for reply in replies] == [None] * len(broken)
    assert even.text == "re: even"
    assert len(buyer.bought()) == 1
    assert texts(buyer.ask(*broken)) == [f"re: {prompt}" for prompt in broken]


def test_reply_that_is_billed_without_an_answer_is_bought_twice_at_most(buyer, model):
    model.says("filtered", {"choices": []})
    model.says("once", {"choices": []}, {})
    filtered, once, even = buyer.ask("filtered", "once", "even", max_attempts=6)
    assert filtered.error == "the reply is no chat completion (IndexError)"
    assert (once.text, even.text) == ("re: once", "re: even")
    assert model.counts == {"filtered": 2, "once": 2, "even": 1}
    assert sum(row["prompt_tokens"] for row in buyer.bought()) == 20 + 20 + 10
    assert sum(row["answer_tokens"] for row in buyer.bought()) == 10 + 10 + 5


def test_server_that_never_finishes_a_reply_is_given_up(buyer, model):
    model.says("a", "hold")
    [reply] = buyer.ask("a", timeout_s=0.4, max_attempts=2)
    assert reply.pending.endswith("no reply within 0.4 s")
    assert buyer.bought() == []


@contextmanager
def rude_server(behave):
    """Serve one connection after the other with `behave`, which need not speak HTTP."""

    def serve():
        with suppress(OSError):  # shut down
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):  # the client has gone
                    connection.recv(65536)
                    behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def trickle(connection):
    """Send one byte of a reply at a time until nobody listens."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while True:
        time.sleep(0.02)
        connection.sendall(b" ")


def test_timeout_is_for_the_whole_reply_not_for_each_byte(buyer):
    with rude_server(trickle) as url:
        [reply] = buyer.ask("a", base_url=url, timeout_s=0.3, max_attempts=1)
    assert reply.pending == f"{url} does not answer: no reply within 0.3 s"


# --- given up ---


def test_server_that_is_down_makes_everything_pending_and_the_next_run_completes(buyer, model):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}/v1"
    replies = buyer.ask(*map(str, range(100)), base_url=url, max_attempts=2)
    assert all(reply.pending.startswith(f"{url} does not answer") for reply in replies)
    assert "Cannot connect to host 127.0.0.1" in replies[0].pending
    assert (buyer.bought(), buyer.claims(), buyer.journal()) == ([], 0, {})
    assert texts(buyer.ask(*map(str, range(100)))) == [f"re: {n}" for n in range(100)]


@pytest.mark.parametrize("status", [401, 402, 407])
def test_endpoint_closed_to_us_is_asked_a_few_times_only(buyer, model, status):
    model.says("*", model.error(status, "not for you"))
    replies = buyer.ask(*map(str, range(100)), concurrency=4)
    wanted = f"HTTP {status}: not for you Check [llm] base_url, model and api_key_env."
    assert {reply.pending for reply in replies} == {wanted}
    assert len(model.asked) <= 4
    assert buyer.bought() == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"message": "API key not valid. Please pass a valid API key."}),
        (400, {"message": "Incorrect API key provided: xx. You can obtain one at x.ai."}),
        (400, {"message": "Your credit balance is too low to access the API."}),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    ],
)
def test_missing_money_and_wrong_keys_close_it_whatever_the_status(buyer, model, status, said):
    model.says("*", model.page(json.dumps({"error": said}), status))
    replies = buyer.ask(*map(str, range(50)), concurrency=2)
    assert {reply.pending for reply in replies} == {replies[0].pending}
    assert said["message"] in replies[0].pending
    assert len(model.asked) <= 2
    assert buyer.bought() == []


# --- whose fault a refusal is ---


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403, 404, 405, 422])
def test_server_that_refuses_everything_fails_nothing_for_good(buyer, model, status):
    model.says("*", model.error(status, "no such model"))
    replies = buyer.ask(*map(str, range(100)), concurrency=4)
    wanted = f"{model.url} refuses every call: HTTP {status}: no such model "
    assert {reply.pending.partition("Check")[0] for reply in replies} == {wanted}
    assert len(model.asked) <= 32 + 4
    assert buyer.bought() == []
    model.reset()
    assert texts(buyer.ask(*map(str, range(100)))) == [f"re: {n}" for n in range(100)]


@pytest.mark.slow
@pytest.mark.parametrize("status", [400, 403, 404, 413, 422, 451])
@pytest.mark.parametrize("concurrency", [1, 8])
def test_poisoned_prompts_before_any_answer_stop_nobody(buyer, model, status, concurrency):
    poisoned = [f"bad {n}" for n in range(5)]
    for prompt in poisoned:
        model.says(prompt, model.error(status, "not this"))
    good = [f"good {n}" for n in range(60)]
    replies = buyer.ask(*poisoned, *good, concurrency=concurrency)
    assert [reply.error for reply in replies[:5]] == [f"HTTP {status}: not this"] * 5
    assert texts(replies[5:]) == [f"re: {prompt}" for prompt in good]
    assert max(model.counts.values()) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_permission_that_goes_half_way_fails_nothing_for_good(buyer, model, status):
    model.says("*", *[{}] * 40, model.error(status, "gone"))
    replies = buyer.ask(*map(str, range(99)), concurrency=1)
    assert sum(reply.text is not None for reply in replies) == 40
    assert [reply.error for reply in replies if reply.error] == []
    assert all("gone" in reply.pending for reply in replies if reply.text is None)
    assert len(model.asked) <= 40 + 33


def test_a_batch_of_poisoned_prompts_stops_nobody(buyer, model):
    poisoned = [f"bad {n}" for n in range(100)]
    for prompt in poisoned:
        model.says(prompt, model.error(400, "too long"))
    good = [f"good {n}" for n in range(60)]
    replies = buyer.ask(*poisoned, *good, concurrency=8)
    assert texts(replies[100:]) == [f"re: {prompt}" for prompt in good]
    assert all(reply.error or reply.pending for reply in replies[:100])
    again = buyer.ask(*poisoned, "one more", concurrency=8)
    assert sum(bool(reply.error) for reply in again) >= 90


def test_a_few_prompts_that_are_all_refused_are_told_what_to_look_at(buyer, model):
    model.says("*", model.error(404, "no such model"))
    wanted = f"{model.url} refuses every call: HTTP 404: no such model Check [llm] base_url, model"
    assert all(wanted in reply.pending for reply in buyer.ask("a", "b", "c", "d"))


def test_a_cap_and_refusals_in_doubt_end_the_run(buyer, model):
    model.says("*", model.error(404, "no such model"))
    replies = buyer.ask(*map(str, range(20)), caps={"max_calls": 5})
    assert all("no such model" in reply.pending for reply in replies[:5])
    assert all(reply.pending for reply in replies)


def test_two_runs_that_wait_for_each_other_s_doubts_both_end(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 3)
    monkeypatch.setattr(calls, "LOOK_S", 0.05)
    model.says("*", model.error(404, "no such model"))
    found = []
    both = [
        threading.Thread(target=lambda order=order: found.append(buyer.ask(*order)))
        for order in ("abcdef", "fedcba")
    ]
    for run in both:
        run.start()
    for run in both:
        run.join(60)
    assert [len(replies) for replies in found] == [6, 6]


def test_a_reply_too_deep_to_keep_harms_no_other(buyer, model):
    deep = "[" * 400 + "]" * 400
    said = f'{{"choices": [{{"message": {{"content": "a", "x": {deep}}}}}]}}'
    model.says("deep", model.page(said))
    deep_one, other = buyer.ask("deep", "even", max_attempts=1)
    assert (deep_one.pending, other.text) == ("the reply cannot be kept", "re: even")


def test_refusal_of_a_lone_prompt_is_its_own(buyer, model):
    model.says("bad", model.error(400, "too long"))
    [reply] = buyer.ask("bad")
    assert reply.error == "HTTP 400: too long"


def test_server_that_goes_down_half_way_is_not_asked_for_ever(buyer, model):
    model.says("*", *[{}] * 20, model.error(503, "down"))
    replies = buyer.ask(*map(str, range(60)), concurrency=2, max_attempts=2)
    assert sum(reply.text is not None for reply in replies) == 20
    assert replies[-1].pending == f"{model.url} does not answer: HTTP 503: down"
    assert len(model.asked) <= 20 + 10 + 1 + 8  # ten failures, one more in flight, one a rest


def test_calls_that_fail_together_let_it_rest_only_once(buyer, model):
    prompts = [f"prompt {n}" for n in range(200)]
    model.says("*", *[{}] * 40, *[model.error(502)] * 32, {})
    replies = buyer.ask(*prompts, concurrency=32, max_attempts=6)
    assert texts(replies) == [f"re: {prompt}" for prompt in prompts]
    assert len(model.asked) <= 200 + 32


def test_one_broken_prompt_does_not_stop_the_others_even_one_by_one(buyer, model):
    model.says("bad", model.error(500))
    bad, *rest = buyer.ask("bad", "a", "b", concurrency=1)
    assert bad.pending == "HTTP 500: no"
    assert texts(rest) == ["re: a", "re: b"]


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.6\r\n"])
def test_server_that_speaks_no_http_is_down(buyer, said):
    with rude_server(lambda connection: connection.sendall(said)) as url:
        replies = buyer.ask("a", "b", base_url=url, max_attempts=2)
    assert all(url in reply.pending for reply in replies)


def test_key_that_no_header_can_carry_is_pending_not_a_traceback(buyer, monkeypatch):
    monkeypatch.setenv("FLYWHEEL_API_KEY", "кey")
    [reply] = buyer.ask("a")
    assert "codec can't encode" in reply.pending


# --- for good ---


def test_one_poisoned_prompt_in_200_leaves_199_answers(buyer, model):
    prompts = [f"prompt {n}" for n in range(200)]
    model.says("prompt 77", model.error(400, "content policy"))
    replies = buyer.ask(*prompts, concurrency=32)
    assert [reply.text for reply in replies if reply.text] == [
        f"re: {prompt}" for prompt in prompts if prompt != "prompt 77"
    ]
    assert replies[77].error == "HTTP 400: content policy"
    assert model.counts == dict.fromkeys(prompts, 1)


def test_error_body_of_any_shape_is_a_reason(buyer, model):
    bodies = {
        "text": ("too long", "HTTP 413: too long"),
        "list": ("[1, 2]", "HTTP 413: [1, 2]"),
        "string": ('{"error": "too long"}', "HTTP 413: too long"),
        "empty": ("", "HTTP 413: "),
        "huge": ("x" * 10_000, "HTTP 413: " + "x" * 300),
    }
    for prompt, (body, _) in bodies.items():
        model.says(prompt, model.page(body, 413))
    *replies, _even = buyer.ask(*bodies, "even", concurrency=1)
    assert [reply.error for reply in replies] == [said for _, said in bodies.values()]


# --- key and address ---


def test_key_comes_from_the_environment_without_its_newline(buyer, model, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-secret\n")
    buyer.ask("a", api_key_env="MY_KEY")
    assert model.headers[0]["authorization"] == "Bearer sk-secret"


def test_proxy_of_the_environment_is_not_asked_for_this_machine(buyer, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert texts(buyer.ask("a")) == ["re: a"]


# --- the demo teacher ---


@pytest.mark.parametrize("configured", ["strong-1", DEMO_TEACHER])
def test_production_refuses_the_demo_teacher_and_stores_nothing(buyer, model, configured):
    model.usual = {"model": DEMO_TEACHER}
    with pytest.raises(DemoTeacherRefused, match="Point \\[llm\\] base_url"):
        buyer.ask("a", "b", profile="production", model=configured)
    assert (buyer.bought(), buyer.journal(), buyer.claims()) == ([], {}, 0)


def test_development_stores_the_demo_teacher_under_its_name(buyer, model):
    model.usual = {"model": DEMO_TEACHER}
    [reply] = buyer.ask("a")
    assert [reply.model] == [row["model"] for row in buyer.bought()] == [DEMO_TEACHER]


def test_production_refuses_what_development_bought_from_the_demo_teacher(buyer, model):
    model.usual = {"model": DEMO_TEACHER}
    buyer.ask("a")
    with pytest.raises(DemoTeacherRefused, match="var at a folder without demo data"):
        buyer.ask("a", profile="production")


# --- private values ---

MAIL, SECRET = "li.wei@example.org", "sk-proj-" + "a1B2c3D4e5" * 5


def kept(buyer):
    """Everything of the calls that is on disk in readable form."""
    rows = json.dumps(buyer.bought(), default=str)
    return rows + " ".join(data.decode() for data in buyer.journal().values())


def test_private_values_that_the_model_makes_up_are_kept_nowhere(buyer, model):
    call = {"name": "send", "arguments": json.dumps({"to": MAIL, "key": SECRET})}
    model.says("text", {"content": f"Write to {MAIL}; the key is {SECRET}."})
    model.says("thoughts", {"message": {"reasoning_content": f"ask {MAIL} for {SECRET}"}})
    model.says("tools", {"message": {"tool_calls": [{"id": "1", "function": call}]}})
    model.says("odds", {"choice": {"logprobs": {"content": [{"token": MAIL + SECRET}]}}})
    model.says("refused", model.error(400, f"{MAIL} with {SECRET} is not allowed"))
    model.says("cut in two", model.error(400, "x" * 290 + f" {MAIL}"))
    model.says("down", model.error(500, f"{MAIL} with {SECRET} is down"))
    replies = buyer.ask(*model.script)
    assert replies[0].text == "Write to <EMAIL_1>; the key is <SECRET_1>."
    assert replies[1].reasoning == "ask <EMAIL_1> for <SECRET_1>"
    assert replies[4].error == "HTTP 400: <EMAIL_1> with <SECRET_1> is not allowed"
    assert replies[6].pending == "HTTP 500: <EMAIL_1> with <SECRET_1> is down"
    everything = kept(buyer) + repr(replies)
    assert "<EMAIL_1>" in everything
    assert [value for value in (MAIL, SECRET, "li.wei", "sk-proj") if value in everything] == []


def test_made_up_values_do_not_take_the_numbers_of_the_prompt(buyer, model):
    prompt = "Is <EMAIL_1> or <EMAIL_3> right?"
    model.says(prompt, {"content": f"<EMAIL_1>, not {MAIL} or b@example.org"})
    [reply] = buyer.ask(prompt)
    assert reply.text == "<EMAIL_1>, not <EMAIL_2> or <EMAIL_4>"


def test_reply_without_private_values_is_kept_letter_by_letter(buyer, model):
    said = 'def f(x):\n\treturn {"a": 3.10, "b": "\\u00e9"}  # 哈哈  \n'
    model.says("a", {"content": said})
    assert texts(buyer.ask("a") + buyer.ask("a")) == [said, said]


def test_no_model_set_is_not_configured(buyer):
    assert not buyer.cfg(base_url="").llm.is_set
    assert not buyer.cfg(model="").llm.is_set
    assert buyer.cfg().llm.is_set
