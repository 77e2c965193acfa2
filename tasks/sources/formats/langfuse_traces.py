"""A trace of Langfuse as one conversation: that of the observation which tells most of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from schemas.conversation import Conversation, Message, Unreadable, Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.exchanges import asked, exchange, offered
from tasks.sources.formats.langfuse_scores import score_vote
from tasks.sources.json_text import JsonObject, parse, unfold
from tasks.sources.messages import read_messages
from tasks.sources.threads import first_words

_NO_CHAT = frozenset({"TOOL", "RETRIEVER", "EMBEDDING", "EVALUATOR", "GUARDRAIL"})
_MODELS = ("model", "providedModelName", "internalModel")


@dataclass(frozen=True, slots=True)
class _Told:
    """The conversation as one observation tells it, or as the trace itself does."""

    by: JsonObject
    messages: list[Message]

    @property
    def users(self) -> int:
        return sum(message["role"] == "user" for message in self.messages)


def read_trace(trace: JsonObject, observations: Sequence[JsonObject]) -> Conversation:
    """Read the conversation of a trace.

    Traces of one session that repeat its history are versions of one chat, others are chats of
    their own: `thread` tells. A vote may name the trace, which is the record, or the session.

    Raises:
        Unreadable: no_messages, prompts_not_logged, bad_role, no_user_turn, bad_timestamp.
    """
    told = _all_told(trace, observations)
    best = _best(trace, told)
    thread = first_words(best.messages)
    calls = [best.by, *reversed(observations)]  # agents name neither model nor tools
    trace_id, session_id = first_id([trace], "id"), first_id([trace], "sessionId")
    began = first_time([trace], "timestamp") or first_time([best.by], "startTime")
    return Conversation(
        messages=best.messages,
        source_id=session_id or trace_id,
        thread=thread,
        record_ref=trace_id,
        more_refs=_ids_of(told, thread),
        started_at=began,
        updated_at=first_time([best.by], "endTime", "startTime") or began,
        model=next(filter(None, (first_id([place], *_MODELS) for place in calls)), None),
        user=first_id([trace], "userId"),
        tools=offered(
            *(place.get(key) for place in calls for key in ("input", "output", "metadata"))
        ),
        votes=_votes(trace, told, best),
    )


def _ids_of(told: list[_Told], thread: str | None) -> tuple[str, ...]:
    """List the observations that tell this conversation: votes may name any of them."""
    same = (telling.by for telling in told if first_words(telling.messages) == thread)
    ids = (first_id([place], "id") for place in same if "traceId" in place)
    return tuple(dict.fromkeys(filter(None, ids)))


def _all_told(trace: JsonObject, observations: Sequence[JsonObject]) -> list[_Told]:
    """Return every telling that has a user in it.

    Bare words count where a model was called, at the root, and in the trace's own fields.
    """
    own = {**trace, **{key: _unquoted(trace.get(key)) for key in ("input", "output")}}
    places = [own, *(item for item in observations if str(item.get("type")) not in _NO_CHAT)]
    found, problems = [], []
    for place in places:
        try:
            messages = _messages(place, loose=place is own or _is_open(place))
        except Unreadable as problem:
            problems.append(problem)
            continue
        if messages:
            found.append(_Told(place, messages))
    if not any(telling.users for telling in found):
        raise next(iter(problems), _nothing(places, found))
    return [telling for telling in found if telling.users]


def _messages(place: JsonObject, *, loose: bool) -> list[Message]:
    return read_messages(exchange(place.get("input"), place.get("output"), loose=loose))


def _is_open(observation: JsonObject) -> bool:
    is_root = observation.get("parentObservationId") is None
    return observation.get("type") == "GENERATION" or is_root


def _nothing(places: list[JsonObject], found: list[_Told]) -> Unreadable:
    """Say why a trace tells nothing."""
    if found:
        return Unreadable("no_user_turn", f"no user speaks in {len(places)} inputs and outputs")
    if not any(place.get(key) for place in places for key in ("input", "output")):
        return Unreadable(
            "prompts_not_logged", "every input and output is empty: export them with the trace"
        )
    return Unreadable("no_messages", f"no messages in {len(places)} inputs and outputs")


def _best(trace: JsonObject, told: list[_Told]) -> _Told:
    """Choose the longest telling of what the trace says was asked; of a sub-agent only if need be.

    Of two that are as long a model's call wins, then the later one.
    """
    said = asked(_unquoted(trace.get("input")))
    words = first_words(read_messages(said)) if said else None

    def fitness(telling: _Told) -> tuple[bool, int, bool, datetime]:
        ended = first_time([telling.by], "endTime", "startTime")
        return (
            words is None or first_words(telling.messages) == words,
            len(telling.messages),
            telling.by.get("type") == "GENERATION",
            ended or datetime.min.replace(tzinfo=UTC),
        )

    return max(told, key=fitness)


def _unquoted(value: object) -> object:
    """Return a text without the quotes that exports of whole traces leave around it."""
    if not isinstance(value, str) or value[:1] != '"':
        return value
    try:
        inner = parse(value)
    except Unreadable:
        return value
    return unfold(inner) if isinstance(inner, str) else value


def _votes(trace: JsonObject, told: list[_Told], best: _Told) -> list[Vote]:
    """Read the scores of a trace: on its last turn, or on that of the observation they name."""
    thread = first_words(best.messages)
    turns = {
        first_id([telling.by], "id"): telling.users - 1
        for telling in told
        if first_words(telling.messages) == thread
    }
    listed = [unfold(trace.get(key)) for key in ("scores", "corrections")]
    scores = [item for items in listed if isinstance(items, list) for item in items]
    return [
        replace(
            score_vote(score),
            target_id=None,
            within_id=None,
            turn=turns.get(first_id([score], "observationId"), best.users - 1),
        )
        for score in scores
        if isinstance(score, dict)
    ]
