"""Open WebUI: exported chats, which are trees of messages, and exported feedback."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.conversation import Conversation, Vote
from tasks.sources.envelope import first_id, read_conversation
from tasks.sources.json_text import JsonObject, as_object, unfold
from tasks.sources.openwebui_tree import chat_in, shown_branch, tree_of
from tasks.sources.openwebui_votes import annotations, apart, feedback, is_feedback
from tasks.sources.rendered import rendered_items
from tasks.sources.response_items import item_messages

split = apart


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` is a chat, bare or in its row of the export, or a feedback."""
    in_row = "messages" in as_object(record.get("chat"))
    return in_row or bool(tree_of(chat_in(record))) or is_feedback(record)


def read(record: JsonObject) -> Conversation | list[Vote]:
    """Read the branch that was shown; or what a user thought of one message.

    Attached files and images are parts of their message. A reply is taken apart into reasoning,
    calls, results and text; one that failed, or is still being written, is none. Ratings are
    votes on their turn.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    if is_feedback(record):
        return feedback(record)
    chat = chat_in(record)
    shown = shown_branch(chat)
    items = [*_system(chat), *(said for message in shown for said in _said(message))]
    conversation = read_conversation(items, [record, chat])
    return replace(
        conversation, model=_model(chat, shown), votes=[*conversation.votes, *annotations(shown)]
    )


def _system(chat: JsonObject) -> list[JsonObject]:
    given = first_id([as_object(chat.get("params")), chat], "system")
    return [{"role": "system", "content": given}] if given else []


def _said(message: JsonObject) -> list[object]:
    """Return the messages that one of the tree stands for."""
    if message.get("role") != "assistant":
        return [{**message, "content": _with_files(message)}]
    output = unfold(message.get("output"))
    content = message.get("content")
    written = rendered_items(content) if isinstance(content, str) else [message]
    items = output if isinstance(output, list) and output else written
    if message.get("error") or message.get("done") is False:
        return []
    time = {"timestamp": message.get("timestamp")}
    return [{**as_object(item), **time} for item in item_messages(items)]


def _with_files(message: JsonObject) -> object:
    content, files = message.get("content"), unfold(message.get("files"))
    if not isinstance(files, list) or not files:
        return content
    text = [{"type": "text", "text": content}] if content else []
    return [*text, *(_attached(as_object(file)) for file in files)]


def _attached(file: JsonObject) -> JsonObject:
    if file.get("type") == "image":
        return {"type": "image_url", "image_url": {"url": file.get("url")}}
    return {"type": "file", "file": file}


def _model(chat: JsonObject, shown: Sequence[JsonObject]) -> str | None:
    """Return the model that gave the last reply; a user may switch on the way."""
    replies = [message for message in shown if message.get("role") == "assistant"]
    models = unfold(chat.get("models"))
    listed = [{"model": model} for model in models] if isinstance(models, list) else []
    return first_id([*replies[::-1], *listed], "model")
