"""Structured logs to standard error: for people on a terminal, JSON lines for a journal."""

import contextlib
import sys

import structlog


class UnfailingLogger(structlog.PrintLogger):
    """Writes a line, or does without: a full disk under the log must not take the gate down."""

    def msg(self, message: str) -> None:
        """Print one line."""
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = error = critical = exception = msg


def configure_logs() -> None:
    """Set up once per process. Nothing that a code says is ever handed to a logger."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=lambda *_: UnfailingLogger(sys.stderr),
        cache_logger_on_first_use=True,
    )
