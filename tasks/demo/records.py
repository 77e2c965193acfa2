"""Chats as log records: OpenAI request/response, and plain messages."""

import json
from typing import Any

from tasks.demo import assistant, tokens
from tasks.demo.chats import Chat

Record = dict[str, Any]

SEND_EMAIL = "send_email"


def record(chat: Chat, feedback: Record | None = None) -> Record:
    """Write one version of a chat as its log would hold it."""
    return _openai(chat, feedback) if chat.form == "openai" else _messages(chat)


def vote(chat_id: str, up: bool, at: str, comment: str | None = None) -> Record:
    """Write one line of a votes file."""
    said: Record = {"target_id": chat_id, **feedback(up, comment, key="feedback"), "timestamp": at}
    return said


def feedback(up: bool, comment: str | None = None, key: str = "value") -> Record:
    """Write a thumb, with a comment where there is one."""
    return {key: "up" if up else "down"} | ({"comment": comment} if comment else {})


def line(content: object) -> str:
    """Write one line of JSON as loggers do: compact, nothing escaped that need not be."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _openai(chat: Chat, feedback: Record | None) -> Record:
    call_id = f"{chat.chat_id}-{len(chat.turns)}"
    *asked, answer = _said(chat)
    used = [tokens.count(str(message["content"] or "")) for message in (*asked, answer)]
    call: Record = {
        "id": f"call-{call_id}",
        "timestamp": chat.ended_at.isoformat(),
        "conversation_id": chat.chat_id,
        "conversation_started_at": chat.started_at.isoformat(),
        "user": chat.user,
        "request": {"model": assistant.MODEL, "messages": asked},
        "response": {
            "id": f"chatcmpl-{call_id}",
            "object": "chat.completion",
            "created": int(chat.ended_at.timestamp()),
            "model": assistant.MODEL,
            "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}],
            "usage": {
                "prompt_tokens": sum(used[:-1]),
                "completion_tokens": used[-1],
                "total_tokens": sum(used),
            },
        },
    }
    return call | ({"feedback": feedback} if feedback else {})


def _messages(chat: Chat) -> Record:
    at = chat.started_at.isoformat().replace("+00:00", "Z")
    return {"id": chat.chat_id, "timestamp": at, "user": chat.user, "messages": _said(chat)}


def _said(chat: Chat) -> list[Record]:
    messages = [_message("system", chat.system)] if chat.system else []
    for turn in chat.turns:
        messages += [_message("user", turn.prompt), _message("assistant", turn.reply)]
    if chat.tool_email:
        messages[-1:-1] = _sent(chat.chat_id, chat.tool_email)
    return messages


def _message(role: str, content: str) -> Record:
    return {"role": role, "content": content}


def _sent(chat_id: str, address: str) -> list[Record]:
    """Call the tool that sends an e-mail, and let it succeed."""
    arguments = json.dumps({"to": address, "subject": "As you asked"})
    function = {"name": SEND_EMAIL, "arguments": arguments}
    call = {"id": f"tool-{chat_id}", "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": '{"sent":true}'},
    ]
