"""What stands beside the content of a message: reasoning, media, speech, other choices."""

from tasks.sources.json_text import JsonObject

MEDIA = {"images": "image", "videos": "video", "audios": "audio"}
REASONING = ("reasoning_content", "reasoning", "thinking")


def reasoning_parts(item: JsonObject) -> list[object]:
    """Return what the model thought, as a part of its own: no part of the answer.

    Servers that give it under several names repeat it; the first one is taken.
    """
    found = next((item[key] for key in REASONING if item.get(key)), None)
    if found is None:
        return []
    return [{"type": "reasoning", "text" if isinstance(found, str) else "content": found}]


def spoken_parts(item: JsonObject) -> list[object]:
    """Return what was said elsewhere than in an empty content: a refusal, or speech."""
    if item.get("content"):
        return []
    refusal, audio = item.get("refusal"), item.get("audio")
    if isinstance(refusal, str) and refusal:
        return [{"type": "refusal", "refusal": refusal}]
    if not isinstance(audio, dict):
        return []
    transcript = audio.get("transcript")
    spoken = [{"type": "text", "text": transcript}] if isinstance(transcript, str) else []
    return [*spoken, {"type": "audio", "audio": audio}]


def media_parts(item: JsonObject) -> list[object]:
    """Return what was shown with a message, where that is no part of its content."""
    return [
        {"type": kind, kind: shown}
        for key, kind in MEDIA.items()
        if isinstance(item.get(key), list)
        for shown in item[key]
    ]


def choice_parts(item: JsonObject) -> list[object]:
    """Return the other replies that the model gave, of which the user saw the first."""
    choices = item.get("choices")
    if not isinstance(choices, list):
        return []
    return [{"type": "choice", **choice} for choice in choices if isinstance(choice, dict)]
