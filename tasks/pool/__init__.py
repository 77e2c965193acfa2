"""The few-shot pool: examples from files and from reviewed answers, in frozen versions."""
