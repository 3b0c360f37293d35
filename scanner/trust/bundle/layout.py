"""Names inside the repository: which role may publish which target, and where files lie.

The same layout lies on the publisher's machine, at the hub, on a USB stick and in the gate's own
state folder, so that any of them can serve the next one:

    metadata/1.root.json … N.root.json, timestamp.json, V.snapshot.json, V.targets.json, V.ROLE.json
    targets/keys/33/SHA256.keys.json …

That is what the TUF specification calls a repository with consistent snapshots (section 6.2).
"""

import re
from hashlib import sha256
from typing import Final

METADATA: Final = "metadata"
TARGETS: Final = "targets"
TIMESTAMP_FILE: Final = f"{METADATA}/timestamp.json"

RECOGNITION: Final = "recognition/matrix.toml"

BUSINESS_RULES: Final = "business-rules"
VALUE_SETS: Final = f"{BUSINESS_RULES}/value-sets.json"
"""The value sets that published rules look into, of all countries together."""

MAX_ROOT: Final = 64 << 10
MAX_TIMESTAMP: Final = 16 << 10
MAX_SNAPSHOT: Final = 256 << 10
MAX_TARGETS: Final = 512 << 10
MAX_SMALL_TARGET: Final = 1 << 20
MAX_REVOCATION: Final = 256 << 20
"""Room for some 30 million revoked codes of one issuer."""

MAX_ROLE_FILES: Final = 256
"""Of one delegated role: a key set and a revocation list with its deltas, or some hundred sites."""

MAX_ROLE_SMALL_BYTES: Final = 8 << 20
"""Of one delegated role's files that are no revocations: a gate holds them in memory."""

MAX_ROLE_BYTES: Final = MAX_REVOCATION + (16 << 20)
MAX_BUNDLE_BYTES: Final = 1 << 30

_PLAIN_ISSUER: Final = re.compile(r"[0-9]{2}|[A-Z]{2,3}")
_LAYER: Final = re.compile(r"nation|[0-9]{2}|[0-9]{6}")
_PART: Final = r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,79}"
_PATH: Final = re.compile(rf"{_PART}(/{_PART}){{0,3}}")
_ROLE: Final = re.compile(r"issuer-[0-9A-Za-z]{2,20}|policy-[0-9a-z]{2,6}|sites")
_SITE: Final = re.compile(_PART)
_BUSINESS_RULES: Final = re.compile(rf"{BUSINESS_RULES}/([A-Z]{{2}})\.json")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def slug(issuer: str) -> str:
    """An issuer as a part of a path: itself, or "x" and 16 hex digits of SHA-256 for an address."""
    if _PLAIN_ISSUER.fullmatch(issuer):
        return issuer
    return "x" + sha256(issuer.encode()).hexdigest()[:16]


def issuer_role(issuer: str) -> str:
    """The delegated role of one issuer."""
    return f"issuer-{slug(issuer)}"


def policy_role(layer: str) -> str:
    """The delegated role of a layer of rules: "nation", two digits or six.

    Raises:
        ValueError: there is no such layer.
    """
    if not _LAYER.fullmatch(layer):
        raise ValueError(f"{layer!r} is no layer: nation, two digits or six.")
    return f"policy-{layer}"


SITES_ROLE: Final = "sites"


def keys_path(issuer: str) -> str:
    """The target that holds an issuer's public keys."""
    return f"keys/{slug(issuer)}/keys.json"


def revocation_folder(issuer: str) -> str:
    """The folder of the targets that hold an issuer's revoked codes."""
    return f"revocation/{slug(issuer)}"


def rules_path(layer: str) -> str:
    """The target that holds the rules of one layer."""
    return f"policy/{layer}/rules.toml"


def site_rules_path(site: str) -> str:
    """The target that holds what one site does differently.

    Raises:
        ValueError: the site's id does not fit into a path.
    """
    if not _SITE.fullmatch(site):
        raise ValueError(f"{site!r} is no site id: letters, digits, dot, dash, underline.")
    return f"sites/{site}/rules.toml"


def business_rules_path(country: str) -> str:
    """The target with the business rules that one country publishes: two letters of ISO 3166.

    A country that publishes none of that form, three letters say, has a path that nothing is at.
    """
    return f"{BUSINESS_RULES}/{country}.json"


def is_business_rule(path: str) -> bool:
    """True for a country's published rules, and for the value sets."""
    return path == VALUE_SETS or _BUSINESS_RULES.fullmatch(path) is not None


def country_of(path: str) -> str:
    """The country whose published rules lie there.

    Raises:
        ValueError: it is no such path.
    """
    match = _BUSINESS_RULES.fullmatch(path)
    if match is None:
        raise ValueError(f"{path!r} holds no country's rules: two capital letters.")
    return match[1]


def layer_words_path(layer: str, language: str) -> str:
    """The target with one layer's own wording, read out and shown, in one language.

    Raises:
        ValueError: there is no such layer, or no language of that form.
    """
    policy_role(layer)
    return f"policy/{layer}/{_words_file(language)}"


def site_words_path(site: str, language: str) -> str:
    """The same for one site.

    Raises:
        ValueError: the site's id does not fit into a path, or the language has another form.
    """
    return site_rules_path(site).removesuffix("rules.toml") + _words_file(language)


def _words_file(language: str) -> str:
    if not _LANGUAGE.fullmatch(language):
        raise ValueError(f"{language!r} is no language such as zh_CN or en.")
    return f"words.{language}.po"


def delegated_patterns(role: str) -> tuple[str, ...]:
    """The path patterns (TUF section 4.5) that a role of this name is given."""
    kind, _, name = role.partition("-")
    match kind:
        case "issuer":
            return (f"keys/{name}/*", f"revocation/{name}/*")
        case "policy":
            return (f"policy/{name}/*",)
        case _:
            return ("sites/*/*",)


def owner(path: str) -> str:
    """The delegated role that a path is for; "" for what only the top-level role publishes."""
    room, _, rest = path.partition("/")
    name = rest.partition("/")[0]
    match room:
        case "keys" | "revocation":
            return f"issuer-{name}"
        case "policy":
            return f"policy-{name}"
        case "sites":
            return SITES_ROLE
        case _:
            return ""


def is_role_name(name: str) -> bool:
    """True for a delegated role that this layout knows."""
    return _ROLE.fullmatch(name) is not None


def is_path(path: str) -> bool:
    """True for a target path that is safe as the name of a file: no dots first, four parts."""
    return _PATH.fullmatch(path) is not None


def is_small(path: str) -> bool:
    """False for revocation lists, which are mapped and not held in memory."""
    return not path.startswith("revocation/")


def max_length(path: str) -> int:
    """The largest target that is taken under this path, in bytes."""
    return MAX_SMALL_TARGET if is_small(path) else MAX_REVOCATION


def metadata_file(role: str, version: int) -> str:
    """Where one version of a role's metadata lies."""
    return f"{METADATA}/{version}.{role}.json"


def target_file(path: str, digest: str) -> str:
    """Where a target with this SHA-256 (hexadecimal) lies."""
    folder, slash, name = path.rpartition("/")
    return f"{TARGETS}/{folder}{slash}{digest}.{name}"
