"""Ids of what is pulled. They never depend on redacted text, salt, taxonomy, path or line."""

import hmac
import os
from hashlib import sha256

USER_KEY_ENV = "FLYWHEEL_USER_KEY"


def hashed(*parts: object) -> str:
    """Return 16 hex digits over the parts; None differs from the empty text."""
    digest = sha256()
    for part in parts:
        text = b"\x00" if part is None else b"\x01" + str(part).encode("utf-8", "surrogatepass")
        digest.update(len(text).to_bytes(8, "big") + text)
    return digest.hexdigest()[:16]


def user_key(user: str | None) -> str | None:
    """Return the keyed hash of a user; None without a user, or without FLYWHEEL_USER_KEY."""
    secret = os.environ.get(USER_KEY_ENV)
    if not user or not secret:
        return None
    return hmac.new(secret.encode(), user.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:32]
