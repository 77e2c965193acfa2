"""The facts about a prompt that rules find, in the order in which they are looked for.

What finds them is in tasks/traits; settings name them, and are checked against this list.
"""

TRAIT_NAMES: tuple[str, ...] = (
    "robustness",
    "retry_loop",
    "correction",
    "persistence",
    "topic_shift",
    "tool_use",
    "rag",
    "long_context",
    "complex_instruction",
    "injection",
    "jailbreak",
    "toxic",
)
