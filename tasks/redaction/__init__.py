"""Find what is private in a text and put typed placeholders in its place.

    screen       which detectors have anything to look for: one pass, and most chats are done
    readable     the text as a reader sees it: escapes undone, full-width characters narrowed
    detectors    who finds what; one file per family (emails, phones, issuers, wallets, ...)
    rules        those, a detector of your own, and the kinds that may stay
    redactor     cuts the finds out of the original texts, consistently within a conversation
    redact       does so for conversations, stored rows and raw records; refuses what is left

Names, street addresses and dates of birth have no form that a pattern could know: they stay,
unless your own detector ([redaction] custom) finds them.
"""
