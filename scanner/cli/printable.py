"""Foreign text on a terminal: no character of it may steer the terminal."""


def printable(text: str) -> str:
    """`text` with a replacement for each character that shows nothing or does something."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
