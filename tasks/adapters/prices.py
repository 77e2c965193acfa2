"""What a call costs."""

from schemas.settings import ModelSettings


def priced(cfg: ModelSettings) -> bool:
    """Whether both prices are set; 0 is a price."""
    return cfg.input_usd_per_mtok is not None and cfg.output_usd_per_mtok is not None


def cost_usd(
    cfg: ModelSettings, prompt_tokens: int | None, answer_tokens: int | None
) -> float | None:
    """Return the price of one call in USD; None without prices or without usage."""
    if cfg.input_usd_per_mtok is None or cfg.output_usd_per_mtok is None or prompt_tokens is None:
        return None
    sums = prompt_tokens * cfg.input_usd_per_mtok + (answer_tokens or 0) * cfg.output_usd_per_mtok
    return sums / 1e6
