"""What changed, in words: for whoever is about to sign, and for whoever asks who did."""

import difflib
from collections.abc import Callable, Iterator
from typing import Final

from securesystemslib.signer import Key
from tuf.api.metadata import Root, TargetFile, Targets

from scanner.domain.errors import TrustError
from scanner.domain.issuers import issuer_names
from scanner.publishing.key_files import owner_of
from scanner.publishing.metadata import TOP_LEVEL, Delegator, expires_at, keys_of
from scanner.publishing.shown_keys import in_words, shown_key
from scanner.trust.bundle.issuer_keys import IssuerKeys, decode_issuer_keys

Content = Callable[[TargetFile], bytes | None]
"""Gets the verified bytes of a file; None when they are not here."""

_MAX_LINES: Final = 200
_TEXTS: Final = (".toml", ".json", ".po", ".txt")
_LARGE_TEXT: Final = 64 << 10


def root_changes(old: Root | None, new: Root) -> list[str]:
    """What a new root changes: who may sign for which role, and how many must."""
    lines = [_headline("root", old, new)]
    for role in TOP_LEVEL:
        lines += _key_changes(role, old, new)
    return lines


def targets_changes(
    role: str, old: Targets | None, new: Targets, before: Content, after: Content
) -> list[str]:
    """What new targets change: delegations, files, and what is in them."""
    lines = [_headline(role, old, new)]
    lines += _delegation_changes(old, new)
    had = dict(old.targets) if old else {}
    for path in sorted({*had, *new.targets}):
        lines += _file_changes(path, had.get(path), new.targets.get(path), before, after)
    if len(lines) == 1:
        lines.append("  nothing but the dates" if old else "  it vouches for nothing yet")
    return lines


def _headline(role: str, old: Root | Targets | None, new: Root | Targets) -> str:
    begins = (
        f"{role}: version {new.version}, the first"
        if old is None
        else (f"{role}: version {old.version} -> {new.version}")
    )
    return f"{begins}, valid until {expires_at(new):%Y-%m-%d}"


def _delegation_changes(old: Targets | None, new: Targets) -> Iterator[str]:
    had = _roles(old)
    has = _roles(new)
    for role in [*has, *(name for name in had if name not in has)]:
        if role not in has:
            yield f"  - {role} is delegated no more: nothing that it vouched for counts"
            continue
        if role not in had and new.delegations and new.delegations.roles:
            paths = new.delegations.roles[role].paths or []
            yield f"  + {role} may publish {' and '.join(paths)}"
        yield from _key_changes(role, old if role in had else None, new)


def _roles(targets: Targets | None) -> list[str]:
    if targets is None or targets.delegations is None:
        return []
    return list(targets.delegations.roles or {})


def _key_changes(role: str, old: Delegator | None, new: Delegator) -> Iterator[str]:
    had, needed = keys_of(old, role) if old else ((), 0)
    has, needs = keys_of(new, role)
    for key in has:
        if key.keyid not in {other.keyid for other in had}:
            yield f"  + {_named(key)} may sign for {role}"
    for key in had:
        if key.keyid not in {other.keyid for other in has}:
            yield f"  - {_named(key)} may no longer sign for {role}"
    if (needed, len(had)) != (needs, len(has)):
        was = f", before {needed} of {len(had)}" if had else ""
        yield f"    {role} needs {needs} of {len(has)} signatures{was}"


def _named(key: Key) -> str:
    return f"{owner_of(key)} ({key.keyid[:8]})"


def _file_changes(
    path: str, old: TargetFile | None, new: TargetFile | None, before: Content, after: Content
) -> Iterator[str]:
    if old is not None and new is not None and old.hashes == new.hashes:
        return
    if new is None:
        yield f"  - {path}"
    elif old is None:
        yield f"  + {path}, {new.length} bytes, SHA-256 {new.hashes['sha256'][:16]}"
    else:
        yield f"  ~ {path}, {old.length} -> {new.length} bytes, SHA-256 {new.hashes['sha256'][:16]}"
    data = _content(new, after)
    was = _content(old, before)
    if new is not None and data is None:
        yield "    its content is not here: nobody can tell what is in it"
    elif path.startswith("keys/"):
        yield from _set_changes(path, was, data)
    elif path.endswith(_TEXTS):
        yield from _text_changes(was or b"", data or b"")


def _content(target: TargetFile | None, content: Content) -> bytes | None:
    return None if target is None else content(target)


def _set_changes(path: str, was: bytes | None, data: bytes | None) -> Iterator[str]:
    try:
        old = decode_issuer_keys(path, was) if was is not None else None
        new = decode_issuer_keys(path, data) if data is not None else None
    except TrustError as error:
        yield f"    NOT A KEY SET: {error.found}"
        return
    yield from key_set_changes(old, new)


def key_set_changes(old: IssuerKeys | None, new: IssuerKeys | None) -> Iterator[str]:
    """What changes between two key sets of an issuer, a line a key."""
    issuer = (new or old or IssuerKeys("00", ())).issuer
    name = f"{issuer} {issuer_names(issuer)[0]}" if issuer_names(issuer)[0] != issuer else issuer
    had = {(key.kid, key.spki): shown_key(key) for key in (old.keys if old else ())}
    has = {(key.kid, key.spki): shown_key(key) for key in (new.keys if new else ())}
    for identity, key in has.items():
        if identity not in had:
            yield f"    {name}: + key {in_words(key)}"
        elif had[identity] != key:
            yield f"    {name}: ~ key {in_words(had[identity])}"
            yield f"         -> {in_words(key)}"
    for identity, key in had.items():
        if identity not in has:
            yield f"    {name}: - key {in_words(key)}"


def _text_changes(was: bytes, data: bytes) -> Iterator[str]:
    if len(was) > _LARGE_TEXT or len(data) > _LARGE_TEXT:
        yield "    too long to be shown"
        return
    old, new = (text.decode(errors="replace").splitlines() for text in (was, data))
    lines = [
        line
        for line in difflib.unified_diff(old, new, lineterm="", n=1)
        if not line.startswith(("---", "+++"))
    ]
    for line in lines[:_MAX_LINES]:
        yield "    " + "".join(char if char.isprintable() else "?" for char in line)
    if len(lines) > _MAX_LINES:
        yield f"    … and {len(lines) - _MAX_LINES} more lines"
