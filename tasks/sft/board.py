"""The training log as event files of TensorBoard."""

import shutil
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter
from transformers.integrations import TensorBoardCallback

from tasks.sft.looks import Looks, mean


class Board(TensorBoardCallback):
    """Writes what the trainer logs, and the validation losses that are seen; never twice a step."""

    def __init__(self, folder: Path, step: int, looks: Looks) -> None:
        """Begin after `step`: what an earlier attempt wrote of later ones is not shown any more."""
        if not step:
            shutil.rmtree(folder, ignore_errors=True)
        super().__init__(SummaryWriter(str(folder), purge_step=step + 1))
        self.looks = looks

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Write the losses that were measured after this step."""
        last = self.looks.all[-1:]
        if last and last[0].step == state.global_step and last[0].validation:
            found = {f"validation/{one.task_type}": one.loss for one in last[0].validation}
            for name, loss in {"validation/loss": mean(last[0].validation), **found}.items():
                self.tb_writer.add_scalar(name, loss, state.global_step)
