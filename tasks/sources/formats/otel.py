"""OpenTelemetry: spans, events and log records of generative models, and exports of many."""

from dataclasses import replace

from schemas.conversation import Conversation, Unreadable, Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.exchanges import offered
from tasks.sources.formats import otlp
from tasks.sources.formats.otel_messages import is_lone_message, span_messages
from tasks.sources.json_text import JsonObject
from tasks.sources.messages import read_messages
from tasks.sources.scores import scored
from tasks.sources.threads import first_words

_CONVERSATIONS = ("gen_ai.conversation.id", "session.id", "langfuse.session.id")
_USERS = ("enduser.id", "user.id", "enduser.pseudo.id", "langfuse.user.id")
_MODELS = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.model.id")
_CALLS = ("chat", "text_completion", "generate_content")
_CHATS = ("messages", "request", "conversations")  # a chat that names its trace
_SCORE = "gen_ai.evaluation.score"


def recognises(record: JsonObject) -> bool:
    """Tell a span, a log record, an export of many, or a row of gen_ai attributes."""
    keys = record.keys()
    is_row = any(key.startswith("gen_ai.") for key in keys)
    has_ids = keys & {*otlp.TRACE_IDS, *otlp.SPAN_IDS, "context"}
    is_span = has_ids and keys & {*otlp.ATTRIBUTES} and keys.isdisjoint(_CHATS)
    return is_row or bool(is_span) or bool(keys & otlp.EXPORTS)


def split(record: JsonObject) -> list[JsonObject] | None:
    """Return the calls of models and the evaluations of an export; None for what is no export.

    Other spans, of databases, tools and web servers, are no log of anything that was said.
    """
    found = otlp.exported(record)
    return None if found is None else [item for item in found if _is_about_models(item)]


def read(record: JsonObject) -> Conversation | list[Vote]:
    """Read the messages of a span as a conversation, evaluations by themselves as votes.

    Raises:
        Unreadable: no_messages, prompts_not_logged, bad_role, no_user_turn, bad_timestamp.
    """
    span = _span(record)
    items, votes = span_messages(span), _evaluations(span)
    if items:
        return _conversation(span, items, votes)
    if not votes:
        raise _nothing(span)
    return votes


def _span(record: JsonObject) -> JsonObject:
    """Return a row of attributes as a span; spans as they are."""
    if record.keys() & {*otlp.ATTRIBUTES, "events"}:
        return record
    return {**record, "attributes": record}


def _conversation(span: JsonObject, items: list[JsonObject], votes: list[Vote]) -> Conversation:
    """Read a span: those of one conversation that repeat its history are versions of it.

    What wraps calls, an agent's run, tells less than they do and ends later: it counts as of its
    start, so that it gives way to them.
    """
    messages = read_messages(items)
    thread = first_words(messages)
    if thread is None:
        raise Unreadable("no_user_turn", f"none of {len(messages)} messages is from a user")
    facts, (start, end) = _facts(span), otlp.times(span)
    conversation_id = first_id(facts, *_CONVERSATIONS)
    ids = [first_id(facts, "gen_ai.response.id"), otlp.span_id(span), otlp.trace_id(span)]
    refs = tuple(filter(None, ids if conversation_id else ids[:2]))
    began = first_time([start], *otlp.STARTS)
    ended = first_time([end], *otlp.ENDS) if _is_call(span) else None
    turn = sum(message["role"] == "user" for message in messages) - 1
    return Conversation(
        messages=messages,
        source_id=conversation_id or otlp.trace_id(span),
        thread=thread,
        record_ref=refs[0] if refs else None,
        more_refs=refs[1:],
        started_at=began,
        updated_at=ended or began,
        model=first_id(facts, *_MODELS),
        user=first_id(facts, *_USERS),
        tools=offered(*({"tools": place.get("gen_ai.tool.definitions")} for place in facts)),
        votes=[replace(vote, target_id=None, within_id=None, turn=turn) for vote in votes],
    )


def _facts(span: JsonObject) -> list[JsonObject]:
    """List where ids, models and users may stand: on the span, on its events."""
    return [otlp.attributes(span), *(event.given for event in otlp.events(span))]


def _evaluations(span: JsonObject) -> list[Vote]:
    """Read the results of evaluations: of an answer or a span, within a conversation or trace."""
    return [
        replace(
            _result(event.given),
            target_id=first_id([event.given], "gen_ai.response.id") or otlp.span_id(span),
            within_id=first_id([event.given], *_CONVERSATIONS) or otlp.trace_id(span),
            at=first_time([otlp.times(event.record)[0]], *otlp.STARTS),
        )
        for event in otlp.events(span)
        if event.name == "gen_ai.evaluation.result"
    ]


def _result(given: JsonObject) -> Vote:
    name, said = "gen_ai.evaluation.name", "gen_ai.evaluation.explanation"
    value, label = given.get(f"{_SCORE}.value"), first_id([given], f"{_SCORE}.label")
    return scored(first_id([given], name) or "evaluation", value, label, first_id([given], said))


def _is_call(span: JsonObject) -> bool:
    """Tell the call of a model from an agent's run, a tool or anything else."""
    facts = _facts(span)
    operation = first_id(facts, "gen_ai.operation.name")
    if operation is not None:
        return operation in _CALLS
    return (
        first_id(facts, *_MODELS[:3]) is not None or first_id(facts, "llm.request.type") == "chat"
    )


def _is_about_models(span: JsonObject) -> bool:
    return bool(_is_call(span) or span_messages(span) or _evaluations(span))


def _nothing(span: JsonObject) -> Unreadable:
    """Say why a record tells nothing."""
    if span.keys() & otlp.EXPORTS:
        return Unreadable("no_messages", "no span of the export calls a model")
    if is_lone_message(span):
        return Unreadable(
            "no_messages", "one message per record: export logs as OTLP, which joins them"
        )
    if _is_call(span):
        how = "let the instrumentation capture message content"
        return Unreadable("prompts_not_logged", f"a call of a model without its messages: {how}")
    return Unreadable("no_messages", "a span that holds no messages")
