"""Who signed, in the guard's words: a province, a country, or the name of a host."""

from typing import Final

from babel.core import get_global

from scanner.domain.issuers import EU, issuer_names
from scanner.kiosk.words import Words

_HTTPS: Final = "https://"
_DID_WEB: Final = "did:web:"
_MAX_HOST: Final = 40
_CUT: Final = "…"
_COUNTRY_CODE: Final = 3


def issuer_name(issuer: str, country: str | None, words: Words) -> str:
    """What a guard reads of an issuer.

    Args:
        issuer: as in `PassClaims`: a province's digits, `EU`, a country's three letters (ISO 3166
            alpha-3, ICAO 9303), a https address, a DID.
        country: two letters, where the format names one.
        words: the language.
    """
    if issuer == EU and country is not None:
        return f"{_known(issuer, words)} {_territory(country, words)}"
    if country is not None:
        return _territory(country, words)
    if (host := _host(issuer)) is not None:
        return host if len(host) <= _MAX_HOST else _CUT + host[1 - _MAX_HOST :]
    if len(issuer) == _COUNTRY_CODE and issuer.isascii() and issuer.isupper():
        return _territory(issuer, words)
    return _known(issuer, words)


def _known(issuer: str, words: Words) -> str:
    english, chinese = issuer_names(issuer)
    return chinese if words.locale.language == "zh" else english


def _territory(code: str, words: Words) -> str:
    """The country's name; CLDR's aliases lead from three letters to two. Else the code."""
    aliases = get_global("territory_aliases").get(code, [code])
    alias = str(aliases[0]) if len(aliases) == 1 else code
    return str(words.locale.territories.get(alias, code))


def _host(issuer: str) -> str | None:
    """The host of a https address or of a did:web (its path, port and account are left out)."""
    for scheme, ends in ((_HTTPS, "/?#"), (_DID_WEB, ":/?#")):
        if issuer[: len(scheme)].lower() == scheme:
            rest = issuer[len(scheme) :]
            for end in ends:
                rest = rest.partition(end)[0]
            return rest.rpartition("@")[2].partition(":")[0].partition("%")[0].lower()
    return None
