"""What rows of fine-tuning files hold beside their messages: system prompt, media, preference."""

from tasks.sources.json_text import JsonObject, as_object, unfold

MEDIA = ("images", "videos", "audios")
LABELS = ("kto_tag", "label")


def completed(record: JsonObject, items: list[object]) -> list[object]:
    """Return the messages with all that the row holds of them elsewhere."""
    return _with_media(record, [*_system(record, items), *items, *preferred(record)])


def preferred(record: JsonObject) -> list[object]:
    """Return the reply that was chosen, or the messages up to it; beside it the rejected one."""
    chosen, rejected = _replies(record.get("chosen")), _replies(record.get("rejected"))
    if not chosen:
        return []
    others = [{"index": 1, "message": rejected[-1], "finish_reason": None}] if rejected else []
    return [*chosen[:-1], {**chosen[-1], "choices": others}]


def is_pair(record: JsonObject) -> bool:
    """Tell whether two whole chats stand side by side."""
    sides = (unfold(record.get(side)) for side in ("chosen", "rejected"))
    return all(isinstance(side, list) and side and isinstance(side[0], dict) for side in sides)


def labelled(record: JsonObject) -> JsonObject:
    """Return the row with the truth value that says whether its reply is liked, as feedback."""
    label = next((record[key] for key in LABELS if isinstance(record.get(key), bool)), None)
    return record if label is None else {**record, "feedback": label}


def renamed(item: object) -> object:
    """Give a turn of ShareGPT the names of a message."""
    if not isinstance(item, dict) or "from" not in item:
        return item
    return item | {"role": item["from"], "content": item.get("value")}


def _replies(value: object) -> list[JsonObject]:
    found = unfold(value)
    if isinstance(found, str) and found:
        return [{"role": "assistant", "content": value}]
    items = found if isinstance(found, list) else [found]
    return [as_object(renamed(item)) for item in items if isinstance(item, dict)]


def _system(record: JsonObject, items: list[object]) -> list[JsonObject]:
    """Return the system prompt of a row whose messages have none."""
    system = record.get("system")
    if not system or any(as_object(item).get("role") == "system" for item in items):
        return []
    return [{"role": "system", "content": system}]


def _with_media(record: JsonObject, items: list[object]) -> list[object]:
    """Attach what a row shows to the first message that can have been about it."""
    media = {key: record[key] for key in MEDIA if isinstance(record.get(key), list)}
    roles = [as_object(item).get("role") for item in items]
    places = (place for place, role in enumerate(roles) if role in ("user", "human"))
    first = next(places, None)
    if not any(media.values()) or first is None:
        return items
    return [*items[:first], {**media, **as_object(items[first])}, *items[first + 1 :]]
