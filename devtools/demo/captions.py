"""What was heard and done at one telephone, as lines to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]
Named = Callable[[str], str]

_OVER = {
    "completed": "Call ended",
    "busy": "Declined or busy",
    "no-answer": "Not answered",
    "canceled": "No longer needed here",
    "failed": "Cannot be reached",
}


def captions(transcript: Iterable[Json], named: Named) -> list[Json]:
    """The lines in the order heard; keys pressed after each other stand on one line."""
    lines: list[Json] = []
    for entry in transcript:
        line = _caption(entry, named)
        if line is None:
            continue
        if line["kind"] == "keys" and lines and lines[-1]["kind"] == "keys":
            lines[-1]["text"] += line["text"]
        else:
            lines.append(line | {"at": entry["at"]})
    return lines


def _caption(entry: Json, named: Named) -> Json | None:
    text = str(entry.get("text") or "")
    match entry["what"]:
        case "say":
            return {"kind": "line", "text": text, "language": entry.get("language")}
        case "greeting":
            return {"kind": "mailbox", "text": text}
        case "key":
            return {"kind": "keys", "text": text}
        case "speak":
            return {"kind": "own", "text": text}
        case "voice":
            return {"kind": "other", "text": text}
        case "play" if url := str(entry.get("url") or ""):
            music = "music.wav" in url
            name = "Music" if music else "A recording"
            return {"kind": "music" if music else "recording", "text": name, "url": url}
        case "record":
            return {"kind": "event", "text": "Recording: say something"}
        case "bridge":
            return {"kind": "event", "text": f"Connected with {named(str(entry.get('number')))}"}
        case "unbridge":
            return {"kind": "event", "text": "No longer connected"}
        case "error":
            return {"kind": "fault", "text": f"The line did not answer ({entry.get('code')})"}
        case "status" if text in _OVER:
            return {"kind": "event", "text": _OVER[text]}
    return None
