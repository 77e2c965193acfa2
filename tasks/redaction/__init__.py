"""Find what is private in a text and put typed placeholders in its place.

    readable     the text as a reader sees it: escapes undone, full-width characters narrowed
    detectors    who finds what; one file per family (emails, phones, credentials, ...)
    redact       cuts the finds out of the original text, consistently within a conversation

Names, street addresses and dates of birth have no form that a pattern could know: they stay.
"""
