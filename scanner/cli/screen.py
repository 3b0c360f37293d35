"""The guard's screen in this terminal: what `checkpoint kiosk` does."""

import sys
from pathlib import Path


def open_kiosk(
    settings: Path | None, socket: Path | None, graphics: str | None, language: str | None
) -> int:
    """Show the kiosk until the guard quits.

    Args:
        settings: the gate's settings file, which tells where the socket is.
        socket: the gate's socket, instead of that.
        graphics: `sixel` or `blocks`; None asks the terminal.
        language: the large one; the site's first one without it.

    Returns:
        The exit status.

    Raises:
        CheckpointError: there is no such language, no terminal, or no usable settings file.
    """
    from config.settings import load_gate_settings
    from scanner.domain.errors import CheckpointError, SettingsError
    from scanner.kiosk.app import KioskApp
    from scanner.kiosk.pictures import load_font
    from scanner.kiosk.terminal import RESET_BACKGROUND, Graphics, detect
    from scanner.kiosk.words import SHIPPED

    if language is not None and language not in SHIPPED:
        raise SettingsError(f"There is no language {language}.", f"Known: {', '.join(SHIPPED)}.")
    if not sys.stdin.isatty():
        raise CheckpointError("The kiosk needs a terminal.", "Open one and start it there.")
    path = socket or load_gate_settings(settings).socket
    font = load_font()
    if font is None:
        print("No large letters: install fonts-noto-cjk. Plain words instead.", file=sys.stderr)
    wanted = None if graphics is None else Graphics(graphics)
    app = KioskApp(path, detect(wanted, sys.stdin.fileno()), font, language=language)
    app.run()
    print(RESET_BACKGROUND, end="", flush=True)
    return app.return_code or 0
