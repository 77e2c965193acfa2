"""The reasons for which a prompt may be dropped, in the order they take the blame.

The rules themselves are in tasks/rules; settings name them, and are checked against this list.
"""

RULE_NAMES: tuple[str, ...] = (
    "empty",
    "malformed",
    "error_text",
    "anonymized",
    "too_short",
    "too_long",
    "too_many_tokens",
    "bare_continuation",
    "few_letters",
    "one_character",
    "compressible",
    "repetitive",
    "keyboard_mash",
    "language_not_wanted",
    "same_user_repeat",
    "user_template_traffic",
    "template_traffic",
    "missing_attachment",
    "needs_today",
    "needs_action",
    "jailbreak",
    "injection",
    "toxic",
    "rest_of_loop",
)
