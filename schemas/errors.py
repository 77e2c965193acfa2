"""Errors a user can fix. Each message says what was seen, what was wanted, what to do.

FlywheelError
├── SettingsError           flywheel.toml, a FLYWHEEL_* variable or a flag is wrong
├── TaxonomyError           task_types.toml is wrong
├── TaggerError             the trained classifier cannot be read
├── SourceError             a log source cannot be read at all
│   └── Vanished            a file was moved or replaced after it had been listed
├── StoreError              the warehouse or the published file cannot be used
│   ├── ContractBroken      a frame does not fit its table
│   ├── MigrationChanged    a migration that was applied has been edited since
│   └── LockTimeout         another process held a lock for too long
├── ModelError              the strong model cannot be used
│   └── DemoTeacherRefused  a production profile met the scripted teacher
├── TrainingError           a model cannot be trained or asked
│   ├── PadEqualsEos        the padding token is the end token, which then is never learned
│   ├── StopTokenUnclear    nobody can tell which token ends an answer
│   ├── ResizedForLora      the base model lacks embeddings, which LoRA does not train
│   ├── TrainingFailed      the process that trains or answers died
│   └── NotInstalled        torch and its friends are missing
├── DatasetError            a dataset cannot be frozen or written out
├── EvalSetError            a file of eval prompts is wrong, or a frozen set would change
├── PoolError               examples of the few-shot pool are wrong, or cannot be left out
├── Refused                 a gate said no: exit code 1
│   ├── PreflightFailed     a model would be trained in vain
│   └── StopRateFell        a model that is trained ends its answers no more
├── StageFailed             a stage stopped; its day is as it was before
└── NotFound                no such id, day or table
"""


class FlywheelError(Exception):
    """Base of every error raised on purpose; the command line prints it in one line."""


class SettingsError(FlywheelError):
    """flywheel.toml, a FLYWHEEL_* variable or a flag is wrong."""


class TaxonomyError(FlywheelError):
    """task_types.toml is wrong."""


class TaggerError(FlywheelError):
    """The trained classifier cannot be read."""


class SourceError(FlywheelError):
    """A log source cannot be read at all."""


class Vanished(SourceError):
    """A log file was moved or replaced after it had been listed."""


class StoreError(FlywheelError):
    """The warehouse or the published file cannot be used."""


class ContractBroken(StoreError):
    """A frame does not fit its table."""


class MigrationChanged(StoreError):
    """A migration that was applied has been edited since."""


class LockTimeout(StoreError):
    """Another process held a lock for too long."""


class ModelError(FlywheelError):
    """The strong model cannot be used."""


class DemoTeacherRefused(ModelError):
    """A production profile met the scripted demo teacher."""


class TrainingError(FlywheelError):
    """A model cannot be trained or asked; `seen` and `fix` are the two halves of the message."""

    def __init__(self, seen: str, fix: str = "") -> None:
        super().__init__(f"{seen} {fix}".strip())
        self.seen, self.fix = seen, fix


class PadEqualsEos(TrainingError):
    """The padding token is the end token, which then is never learned."""


class StopTokenUnclear(TrainingError):
    """Nobody can tell which token ends an answer."""


class ResizedForLora(TrainingError):
    """The base model lacks embeddings, which LoRA does not train."""


class TrainingFailed(TrainingError):
    """The process that trains a model, or lets it answer, died."""


class NotInstalled(TrainingError):
    """Torch and its friends are missing."""


class DatasetError(FlywheelError):
    """A dataset cannot be frozen or written out."""


class EvalSetError(FlywheelError):
    """A file of eval prompts is wrong, or a frozen set would change."""


class PoolError(FlywheelError):
    """Examples of the few-shot pool are wrong, or cannot be left out."""


class Refused(FlywheelError):
    """A gate said no; nothing was changed."""


class PreflightFailed(Refused):
    """A check before training failed: the model would be trained in vain."""


class StopRateFell(Refused):
    """A model that is being trained ends its answers no more."""


class StageFailed(FlywheelError):
    """A stage stopped; the tables of its day are as they were before."""


class NotFound(FlywheelError):
    """No such id, day or table."""
