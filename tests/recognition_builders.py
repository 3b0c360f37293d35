"""Matrices for tests, each row with one word for what is special about it."""

from typing import Any

from scanner.policy.recognition import HostRecognition, Mode, RecognitionMatrix, RecognitionRow


def a_row(host: str, issuer: str, mode: Mode = Mode.VERIFY, **changes: Any) -> RecognitionRow:
    """`host` decides on codes of `issuer` as on its own, always, unless told otherwise."""
    return RecognitionRow(host=host, issuer=issuer, mode=mode, **changes)


def a_matrix(*rows: RecognitionRow) -> RecognitionMatrix:
    """Version `test` of these rows."""
    return RecognitionMatrix(version="test", rows=rows)


def a_host(division: str | None, *rows: RecognitionRow) -> HostRecognition:
    """A gate in `division`, under these rows."""
    return HostRecognition(a_matrix(*rows), division)
