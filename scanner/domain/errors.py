"""The one root of our exceptions.

A bad code is a *result* (`scanner.domain.passes.Rejection`), never an exception. An exception means
that the machine, its files or its settings are at fault, and says what to do about it.
"""

import traceback
from pathlib import Path


def raised_at(error: BaseException) -> str:
    """File and line that raised, for a log that must not quote the message.

    Messages of foreign exceptions can quote what a code or a file says; the place never does.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"


class CheckpointError(Exception):
    """Our fault or the machine's.

    Attributes:
        found: what was found, in one sentence without personal data.
        remedy: what the operator can do now; empty when there is nothing to say.
    """

    def __init__(self, found: str, remedy: str = "") -> None:
        super().__init__(f"{found} {remedy}".strip())
        self.found = found
        self.remedy = remedy


class SettingsError(CheckpointError):
    """A settings or rules file is wrong; `found` names the file and the key."""


class TrustError(CheckpointError):
    """The cached public keys cannot be trusted or read."""


class LedgerError(CheckpointError):
    """The ledger cannot record or read; nothing may be shown as admitted."""


class GuardError(CheckpointError):
    """The roster of guards, or a badge's key, cannot be read, written or used."""


class CameraError(CheckpointError):
    """A frame source cannot be opened or has stopped delivering."""


class ScannerError(CheckpointError):
    """A barcode scanner cannot be opened or is gone."""


class ProtocolError(CheckpointError):
    """The other end of a socket or of HTTP does not speak what was agreed."""


class RuleError(CheckpointError):
    """A rule makes no sense, or cannot be applied to what it was given.

    Attributes:
        pointer: the place in the rule's logic as a JSON pointer (RFC 6901); empty for the whole.
    """

    def __init__(self, pointer: str, found: str, expected: str = "") -> None:
        place = f"{pointer or 'the whole rule'}: {found}"
        super().__init__(f"{place}; expected {expected}." if expected else f"{place}.")
        self.pointer = pointer
