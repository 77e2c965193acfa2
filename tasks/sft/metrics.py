"""The training log: JSON lines of `Progress`, without gaps or repeats after a resume."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tasks.sft.spec import Progress


class Metrics:
    """Appends to `path`, if this process `writes`, and says each line to the parent too."""

    def __init__(
        self, path: Path, say: Callable[[dict[str, Any]], None], *, writes: bool = True
    ) -> None:
        self.path, self.say, self.writes = path, say, writes
        self.tokens_before = 0  # the trainer's own count begins at 0 again after a resume
        self.last_loss = 0.0

    def resume(self, step: int) -> None:
        """Take back the lines after `step`, which will be trained again."""
        kept = [line for line in self.lines() if line.step <= step]
        text = "".join(f"{line.model_dump_json()}\n" for line in kept)
        if self.writes:
            self.path.write_text(text, encoding="utf-8")
        if kept:
            self.tokens_before, self.last_loss = kept[-1].tokens, kept[-1].loss

    def add(self, step: int, steps: int, logs: Mapping[str, float]) -> None:
        """Write what the trainer logged at `step`."""
        line = Progress(
            step=step,
            steps=steps,
            epoch=logs["epoch"],
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
            grad_norm=logs["grad_norm"],
            token_accuracy=logs["mean_token_accuracy"],
            tokens=self.tokens_before + int(logs["num_tokens"]),
        )
        self.last_loss = line.loss
        if self.writes:
            with self.path.open("a", encoding="utf-8") as written:
                written.write(line.model_dump_json() + "\n")
        self.say(line.model_dump())

    def lines(self) -> list[Progress]:
        """Read what an earlier attempt wrote; a torn last line is none."""
        if not self.path.is_file():
            return []
        whole = self.path.read_bytes().rpartition(b"\n")[0]
        return [Progress.model_validate_json(line) for line in whole.splitlines()]
