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
    from scanner.cli.screen import open_kiosk

    chosen = None if graphics is GraphicsChoice.AUTO else graphics.value
    raise typer.Exit(open_kiosk(settings, socket, chosen, language))
