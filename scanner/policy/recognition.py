"""Who recognises whose codes: directional rows of host and issuer, and what they come to. Pure.

A host is where a gate stands, an issuer is who made a code. A row speaks for one direction: that
Zhejiang takes Hainan's codes says nothing of Hainan. What no row names is not *yet* recognised.
docs/recognition.md tells officials what a row means; the order of rows never matters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from scanner.domain.issuers import ISSUERS, NATIONAL
from scanner.domain.passes import HEALTH_CODE, Colour, PassClaims, PassFormat, PassKind
from scanner.policy.rules import Table

EVERY: Final = "*"
_DIVISION: Final = re.compile(r"[0-9]{2}([0-9]{4})?")
_ELSEWHERE: Final = re.compile(r"[A-Z]{2,3}|(https|did):[!-~]{1,200}")
_SEVERITY: Final = {
    Colour.GREEN: 0,
    Colour.YELLOW: 1,
    Colour.PENDING: 1,
    Colour.NONE: 1,
    Colour.RED: 2,
}


class Mode(StrEnum):
    """What a host does with an issuer's genuine codes.

    Attributes:
        VERIFY: the machine decides as on the host's own codes.
        CONVERT: likewise, and a colour of the issuer counts as another one, never a milder.
        SHOW: a guard may look at it; the machine lets nobody in on it.
        NONE: expressly not recognised.
    """

    VERIFY = "verify"
    CONVERT = "convert"
    SHOW = "show"
    NONE = "none"


_TAKES: Final = frozenset({Mode.VERIFY, Mode.CONVERT})
_STRICTNESS: Final[Mapping[Mode | None, int]] = {
    Mode.VERIFY: 0,
    Mode.CONVERT: 1,
    Mode.SHOW: 2,
    None: 3,
    Mode.NONE: 4,
}


class RecognitionRow(Table, frozen=True):
    """What one host does with one issuer's codes.

    Attributes:
        host: two digits of GB/T 2260 for a province, six for a city or county, or `*`.
        issuer: likewise, six digits being what a city's own back end says of its division; `00`,
            `EU`, an ICAO state's letters, a https address, a DID, or `*`.
        valid_from, valid_to: aware; from the first moment on, up to the second and without it.
        kinds: the passes that it is about; None for all.
        formats: likewise.
        colours: for `convert`: the issuer's colour, and what it counts as here.
    """

    host: str
    issuer: str
    mode: Mode
    valid_from: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    valid_to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    kinds: Annotated[tuple[PassKind, ...], msgspec.Meta(min_length=1)] | None = None
    formats: Annotated[tuple[PassFormat, ...], msgspec.Meta(min_length=1)] = (HEALTH_CODE,)
    colours: Mapping[Colour, Colour] = {}

    def __post_init__(self) -> None:
        if self.host != EVERY:
            check_host(self.host)
        _check_issuer(self.issuer)
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be later than valid_from")
        if (self.mode is Mode.CONVERT) != bool(self.colours):
            raise ValueError('colours belong to mode = "convert", which needs them')
        for colour, counts_as in self.colours.items():
            if _SEVERITY[counts_as] < _SEVERITY[colour]:
                raise ValueError(
                    f"colours: {colour} = {counts_as} would be milder; nothing is ever upgraded"
                )
        is_own = _DIVISION.fullmatch(self.issuer) and area(self.host).startswith(area(self.issuer))
        if is_own and self.mode not in _TAKES:
            raise ValueError(
                f"mode = {self.mode}: host {self.host} always recognises its own issuer "
                f"{self.issuer}; take the row out"
            )

    def is_about(self, claims: PassClaims) -> bool:
        """Whether kind and format of a pass are what the row is about."""
        return (self.kinds is None or claims.kind in self.kinds) and claims.format in self.formats

    def is_in_force(self, moment: datetime) -> bool:
        """Whether `moment` lies within the row's dates."""
        return (self.valid_from is None or self.valid_from <= moment) and (
            self.valid_to is None or moment < self.valid_to
        )


class RecognitionMatrix(Table, frozen=True):
    """All rows of all hosts, as one file has them.

    Attributes:
        version: is written into every entry that rows could bear on.
        rows: in any order.
    """

    version: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    rows: Annotated[tuple[RecognitionRow, ...], msgspec.Meta(max_length=10_000)] = msgspec.field(
        default=(), name="row"
    )


class Recognition(msgspec.Struct, frozen=True):
    """What a host makes of one pass's issuer.

    Attributes:
        mode: None where nothing names the issuer: not yet recognised.
        counts_as: the colours that the pass's own counts as here, beside itself.
        row: one that decided; None where none did.
    """

    mode: Mode | None
    counts_as: tuple[Colour, ...] = ()
    row: RecognitionRow | None = None

    @property
    def strictness(self) -> int:
        """0 for `verify` up to 4 for `none`."""
        return _STRICTNESS[self.mode]


class HostRecognition:
    """What one host recognises; made once, asked for each pass.

    The most specific host decides, among its rows the most specific issuer: a county before its
    city before its province before `*`. Rows that are equally specific: the strictest, and the
    colour maps of all of them. The national platform and the host's own province need no row;
    `*` of mode show or none is not about them, and nothing shuts out a host's own codes.

    Args:
        matrix: the rows.
        host: the division in which the gate stands. Without it only rows of host `*` count, and
            every issuer's health codes that no row names are taken.
    """

    def __init__(self, matrix: RecognitionMatrix, host: str | None) -> None:
        self._host = None if host is None else area(host)
        hosts = _widening(self._host or "")
        self._rows: dict[str, list[RecognitionRow]] = {}
        for row in sorted(matrix.rows, key=repr):
            if area(row.host) in hosts:
                self._rows.setdefault(area(row.issuer), []).append(row)
        self.version = matrix.version if host is not None or self._rows else None
        """The matrix's, where it bears on this host at all."""

    def recognise(
        self, claims: PassClaims, now: datetime, error: timedelta = timedelta(0)
    ) -> Recognition:
        """What counts for a pass now; the strictest of what may be now.

        Args:
            claims: of a genuine pass.
            now: aware UTC.
            error: `now` is right give or take so much.
        """
        rows = [row for row in self._named(claims) if row.is_about(claims)]
        first, last = now - error, now + error
        dates = {date for row in rows for date in (row.valid_from, row.valid_to) if date}
        moments = {first, last, *(date for date in dates if first < date < last)}
        found = [self._at(rows, claims, moment) for moment in sorted(moments)]
        strictest = max(found, key=lambda each: each.strictness)
        counts_as = {colour for each in found for colour in each.counts_as}
        return Recognition(strictest.mode, tuple(sorted(counts_as)), strictest.row)

    def _at(
        self, rows: Iterable[RecognitionRow], claims: PassClaims, moment: datetime
    ) -> Recognition:
        in_force = [row for row in rows if row.is_in_force(moment)]
        if not in_force:
            is_expected = self._host is None or self._is_expected(claims)
            taken = is_expected and claims.format == HEALTH_CODE
            return Recognition(Mode.VERIFY if taken else None)
        finest = max(_specificity(row) for row in in_force)
        decisive = [row for row in in_force if _specificity(row) == finest]
        row = max(decisive, key=lambda each: _STRICTNESS[each.mode])
        # A wider row's colours go on to count where nobody is let in on the code any more: taking
        # recognition away must never make a red of it a mere CHECK.
        maps = decisive if row.mode in _TAKES else in_force
        return Recognition(row.mode, tuple(_counts_as(maps, claims.colour)), row)

    def _named(self, claims: PassClaims) -> Iterator[RecognitionRow]:
        is_own, is_expected = self._is_own(claims), self._is_expected(claims)
        for name in _names(claims):
            for row in self._rows.get(name, ()):
                is_meant = not is_own and not (is_expected and row.issuer == EVERY)
                if row.mode in _TAKES or is_meant:
                    yield row

    def _is_expected(self, claims: PassClaims) -> bool:
        """True for the national platform and the host's own province."""
        return claims.issuer in (NATIONAL, (self._host or "")[:2])

    def _is_own(self, claims: PassClaims) -> bool:
        """True for the host's province, but not for what it says of another of its cities."""
        if self._host is None or claims.issuer != self._host[:2]:
            return False
        division = area(claims.division or "")
        return division.startswith(self._host) or self._host.startswith(division)


def check_host(host: str) -> None:
    """See that a gate can stand there.

    Raises:
        ValueError: it is no division of a known province.
    """
    if not _DIVISION.fullmatch(host) or host[:2] == NATIONAL or host[:2] not in ISSUERS:
        raise ValueError(
            f"host {host!r} is no division of GB/T 2260: two digits for a province (33), six for "
            "a city or county (330100)"
        )


def area(code: str) -> str:
    """The digits that a division and all within it begin with: 330100 is 3301; `*` is nothing."""
    if code == EVERY:
        return ""
    return code.removesuffix("00").removesuffix("00") if len(code) == len("330100") else code


def _check_issuer(issuer: str) -> None:
    is_province = issuer[:2] in ISSUERS and issuer[:2] != NATIONAL
    is_here = issuer in (EVERY, NATIONAL) or (_DIVISION.fullmatch(issuer) and is_province)
    if not is_here and not _ELSEWHERE.fullmatch(issuer):
        raise ValueError(
            f"issuer {issuer!r} is none: 00, two digits of a province, six of a city, EU, an ICAO "
            "state's letters, an address with https: or did:, or *"
        )


def _widening(part: str) -> tuple[str, ...]:
    """A county, its city, its province, everything: each as an area."""
    return tuple({part[:length]: None for length in (6, 4, 2, 0)})


def _names(claims: PassClaims) -> tuple[str, ...]:
    """The areas by which a row may mean this pass. What the nation says of a city is no city's."""
    if claims.division is not None and claims.division[:2] == claims.issuer:
        return _widening(area(claims.division))
    return (claims.issuer, "")


def _specificity(row: RecognitionRow) -> tuple[int, int]:
    return len(area(row.host)), len(area(row.issuer))


def _counts_as(rows: Iterable[RecognitionRow], colour: Colour | None) -> Iterator[Colour]:
    for row in rows:
        counts_as = None if colour is None else row.colours.get(colour, colour)
        if counts_as is not None and counts_as is not colour:
            yield counts_as


ANYWHERE: Final = HostRecognition(RecognitionMatrix(version="none"), None)
"""A gate that was not told where it stands: every issuer's health codes are taken."""
