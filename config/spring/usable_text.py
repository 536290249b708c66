"""Texts that no property can have, whatever its type is."""

ENCRYPTED = "{cipher}"  # how Spring Cloud Config marks a value that it decrypts


def unusable_text(text: str) -> str:
    """Return why no property can have this text, or nothing.

    Args:
        text: The text, with placeholders resolved.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "its value is no UTF-8 text"
    if text.lstrip().startswith(ENCRYPTED):
        return f"nothing decrypts a value that begins with {ENCRYPTED} here; set the plain value"
    return ""
