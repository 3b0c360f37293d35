"""`checkpoint kiosk`: the guard's screen."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class GraphicsChoice(StrEnum):
    """`--graphics`."""

    AUTO = "auto"
    SIXEL = "sixel"
    BLOCKS = "blocks"


def kiosk(
    settings: Annotated[
        Path | None, typer.Option(help="The gate's settings file; it tells where the socket is.")
    ] = None,
    socket: Annotated[
        Path | None, typer.Option(help="The gate's socket, instead of the one in the settings.")
    ] = None,
    graphics: Annotated[
        GraphicsChoice,
        typer.Option(help="How pictures are drawn; `auto` asks the terminal whether it has sixel."),
    ] = GraphicsChoice.AUTO,
    language: Annotated[
        str | None,
        typer.Option(help="The large language, zh_CN or en; otherwise the site's first one."),
    ] = None,
) -> None:
    """The guard's screen: viewfinder, verdicts, temperature, admitting and refusing by hand.

    It connects to the gate (`checkpoint run`) and keeps trying when there is none; it may be
    closed and opened again at any time, the gate goes on without it.

    **Keys:** F1 language, F2 person without a code or admit by hand, F3 refuse by hand, digits and
    Enter for a temperature, Esc when the person has left, Q quits. Everything works by touch, too.

    Pictures need a terminal with sixel (foot, WezTerm, xterm -ti vt340) and the fonts-noto-cjk
    package; without them the screen falls back to blocks and plain words.

    **Examples**

    `checkpoint kiosk --settings /etc/checkpoint/gate.toml`

    `checkpoint kiosk --socket /run/checkpoint/gate.sock --language en --graphics blocks`
    """
    import sys

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
    wanted = None if graphics is GraphicsChoice.AUTO else Graphics(graphics.value)
    app = KioskApp(path, detect(wanted, sys.stdin.fileno()), font, language=language)
    app.run()
    print(RESET_BACKGROUND, end="", flush=True)
    raise typer.Exit(app.return_code or 0)
