"""How to load an export: the lines of a card that a person copies."""

from collections.abc import Sequence

from tasks.exports.llamafactory import name_of
from tasks.exports.wanted import Wanted
from tasks.exports.written import Split

_DATASETS = """```python
from datasets import load_dataset
rows = load_dataset("FOLDER")  # this folder
```"""
_AXOLOTL = """
axolotl, where every turn of the assistant carries loss:

```yaml
datasets:
  - path: FOLDER
    type: chat_template
    field_messages: messages
    roles_to_train: [assistant]
```"""
_AXOLOTL_WEIGHTS = """
axolotl can read it too, with loss on the answers alone:

```yaml
datasets:
  - path: FOLDER
    type: chat_template
    field_messages: messages
    message_field_training: weight
```"""
_TRL = {
    "messages": "TRL's SFTTrainer takes it as it is.",
    "prompt-completion": "TRL's SFTTrainer takes it as it is; only completions carry loss.",
    "dpo": "TRL's DPOTrainer takes it as it is; `why` says what is wrong with the worse answer.",
    "kto": "TRL's KTOTrainer takes it as it is.",
}
_OPENAI = (
    "Upload each file with purpose `fine-tune`. A job takes one file to train on and one to test."
)


def loading(wanted: Wanted, splits: Sequence[Split]) -> str:
    """Return what to type for the readers of this format."""
    parts = {
        "messages": [_DATASETS, _TRL["messages"], _AXOLOTL],
        "alpaca": [_DATASETS, _llamafactory(wanted, splits)],
        "sharegpt": [_DATASETS, _llamafactory(wanted, splits)],
        "openai": [_OPENAI, _AXOLOTL_WEIGHTS],
    }
    return "\n".join(parts.get(wanted.format, [_DATASETS, _TRL.get(wanted.format, "")]))


def _llamafactory(wanted: Wanted, splits: Sequence[Split]) -> str:
    names = {one.name: name_of(wanted, one.name) for one in splits}
    lines = ["dataset_dir: FOLDER", f"dataset: {names.get('train', '')}"]
    if "validation" in names:
        lines.append(f"eval_dataset: {names['validation']}")
    text = "\n".join([*lines, "mask_history: true  # only the last answer carries loss"])
    return f"\nLLaMA-Factory:\n\n```yaml\n{text}\n```"
