"""How a base model samples, made such that it can be saved again."""

from typing import Any

_KEYS = (
    *("temperature", "top_k", "top_p", "min_p", "top_h"),
    *("typical_p", "epsilon_cutoff", "eta_cutoff"),
)


def mend_sampling(config: Any) -> None:
    """Let a generation config that has `temperature` or `top_p` say that it samples.

    Servers sample by those keys whatever `do_sample` is, so they count where it is not set; set to
    false, or at temperature 0, the answer is greedy and they are dropped. transformers refuses to
    save both, after training.
    """
    if _is_valid(config):
        return
    if config.do_sample is None and config.temperature != 0:
        config.do_sample = True
        return
    for key in _KEYS:
        setattr(config, key, None)


def _is_valid(config: Any) -> bool:
    try:
        config.validate(strict=True)
    except ValueError:
        return False
    return True
