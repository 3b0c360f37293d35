"""`checkpoint trust put | remove`: everything that is neither a key set nor a revocation list."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from scanner.cli.trust.options import (
    RepositoryOption,
    YesOption,
    agreed,
    changing,
    now,
    staged_next,
)
from scanner.domain.errors import SettingsError, TrustError

_TOP: Final = "targets"


class Content(StrEnum):
    """What can be put."""

    RECOGNITION = "recognition"
    RULES = "rules"
    SITE = "site"
    WORDS = "words"
    REVOCATION = "revocation"
    BUSINESS_RULES = "business-rules"
    VALUE_SETS = "value-sets"


def put(
    content: Annotated[
        Content,
        typer.Argument(
            help="recognition: who recognises whose codes (TOML). rules: of a layer (TOML). "
            "site: what one site does differently (TOML). words: own wording and voice (.po). "
            "revocation: a folder with an issuer's whole list. "
            "business-rules: what one country publishes for EU certificates (JSON). "
            "value-sets: the lists of codes that they look into (JSON)."
        ),
    ],
    file: Annotated[Path, typer.Argument(help="The file, or the folder.")],
    repository: RepositoryOption,
    layer: Annotated[
        str | None, typer.Option(help="nation, two digits or six: for rules, and for words.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(help="The site's id: for a site, and for words.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="zh_CN, en: for words.")] = None,
    issuer: Annotated[str | None, typer.Option(help="33, …: for a revocation list.")] = None,
    country: Annotated[str | None, typer.Option(help="AT, …: for business rules.")] = None,
) -> None:
    """Stage a file that gates shall have from the next publication on.

    **Examples**

    `checkpoint trust put recognition matrix.toml -r trust` is signed by `targets`

    `checkpoint trust put rules hangzhou.toml -r trust --layer 330100` by `policy-330100`

    `checkpoint trust put site north-gate.toml -r trust --site north-gate` by `sites`

    `checkpoint trust put words own.po -r trust --layer nation --language zh_CN` by `policy-nation`

    `checkpoint trust put revocation list-33 -r copy --issuer 33` by `issuer-33`

    `checkpoint trust put business-rules AT.json -r trust --country AT` by `targets`

    `checkpoint trust put value-sets value-sets.json -r trust` by `targets`
    """
    from scanner.publishing.staging import put as stage_file

    if content is Content.REVOCATION:
        if issuer is None or (layer, site, language, country) != (None, None, None, None):
            raise typer.BadParameter("revocation takes --issuer and nothing else")
        _put_revocations(repository, issuer, file)
        return
    if content is Content.BUSINESS_RULES or country is not None:
        if content is not Content.BUSINESS_RULES or (layer, site, language) != (None, None, None):
            raise typer.BadParameter("--country is for business-rules, which take nothing else")
        role, path = _TOP, _rules_of(country)
    else:
        role, path = _place(content, layer, site, language)
    data = _checked(content, file, layer, site, country)
    with changing(repository) as folder:
        stage_file(folder, role, path, data, now())
        staged_next(folder, [role])


def remove(
    path: Annotated[str, typer.Argument(help="policy/33/rules.toml; `show` lists the files.")],
    repository: RepositoryOption,
    role: Annotated[
        str | None, typer.Option(help="Who vouches for it; found by itself where it is published.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Stage that a file is no longer vouched for: gates forget it with the next publication.

    **Example**: `checkpoint trust remove policy/33/rules.toml -r trust`
    """
    from scanner.publishing.staging import take_away

    with changing(repository) as folder:
        published = folder.published()
        if role is None:
            known = published.repository.files if published else {}
            if path not in known:
                raise TrustError(
                    f"{path} is not published.", "`checkpoint trust show` lists what is."
                )
            role = known[path].role
        agreed(f"Take {path} out of {role}?", yes=yes)
        take_away(folder, role, path, now())
        staged_next(folder, [role])


def _put_revocations(repository: Path, issuer: str, source: Path) -> None:
    from scanner.publishing.revocation_files import stage_revocations
    from scanner.trust.bundle.layout import issuer_role

    with changing(repository) as folder:
        stage_revocations(folder, issuer, source, now())
        staged_next(folder, [issuer_role(issuer)])


def _place(
    content: Content, layer: str | None, site: str | None, language: str | None
) -> tuple[str, str]:
    """Role and path of a file."""
    from scanner.trust.bundle import layout

    try:
        match content, layer, site, language:
            case Content.RECOGNITION, None, None, None:
                return _TOP, layout.RECOGNITION
            case Content.VALUE_SETS, None, None, None:
                return _TOP, layout.VALUE_SETS
            case Content.RULES, str(layer), None, None:
                return layout.policy_role(layer), layout.rules_path(layer)
            case Content.SITE, None, str(site), None:
                return layout.SITES_ROLE, layout.site_rules_path(site)
            case Content.WORDS, str(layer), None, str(language):
                return layout.policy_role(layer), layout.layer_words_path(layer, language)
            case Content.WORDS, None, str(site), str(language):
                return layout.SITES_ROLE, layout.site_words_path(site, language)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    raise typer.BadParameter(
        "recognition and value-sets take none of --layer, --site and --language; rules takes "
        "--layer; site takes --site; words takes --language and one of --layer and --site"
    )


def _rules_of(country: str | None) -> str:
    """Path of one country's business rules."""
    from scanner.trust.bundle import layout

    path = layout.business_rules_path(country or "")
    if not layout.is_business_rule(path):
        raise typer.BadParameter("business-rules takes --country: two capital letters, such as AT")
    return path


def _checked(
    content: Content, file: Path, layer: str | None, site: str | None, country: str | None
) -> bytes:
    """The file's bytes, seen to be of its form: by the gates' own readers, where they decide by it.

    Raises:
        TrustError: a gate would refuse it.
    """
    from config.recognition import read_recognition
    from config.rules import read_layer
    from scanner.policy.business_rules import read_value_sets
    from scanner.policy.layers import Level, level_of
    from scanner.policy.rule_book import read_book

    try:
        data = file.read_bytes()
        data.decode()
        match content:
            case Content.RECOGNITION:
                read_recognition(data, str(file))
            case Content.SITE:
                read_layer(data, str(file), Level.SITE, site)
            case Content.RULES:
                read_layer(data, str(file), *level_of(layer or ""))
            case Content.BUSINESS_RULES:
                read_book(data, country or "")
            case Content.VALUE_SETS:
                read_value_sets(data)
    except (OSError, UnicodeDecodeError) as error:
        raise TrustError(f"{file} cannot be read as UTF-8.", "Name a file of text.") from error
    except SettingsError as error:
        raise TrustError(error.found, error.remedy) from error
    return data
