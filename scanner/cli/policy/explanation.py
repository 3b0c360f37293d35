"""`checkpoint policy explain`: which rule of which layer led to what."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scanner.domain.direction import Direction
from scanner.domain.passes import Colour, PassKind
from scanner.policy.places import Person, SiteType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.cli.policy.people import DescribedTest, DescribedVaccine
    from scanner.domain.passes import Rejection, VerifiedPass
    from scanner.policy.layers import Layer
    from scanner.policy.recognition import HostRecognition


def explain(
    code: Annotated[
        str | None,
        typer.Argument(help="The text of a code, or a picture of one; without it the flags tell."),
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option(
            help="A layer, or a folder of layers of one place; again for each. Without it those "
            "that the gate of --settings has, else the shipped national rules."
        ),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Where the gate stands (330100), for the shipped matrix.")
    ] = None,
    site: Annotated[SiteType | None, typer.Option(help="What lies behind the gate.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Which way it leads.")] = None,
    person: Annotated[Person | None, typer.Option(help="As what somebody comes.")] = None,
    colour: Annotated[Colour, typer.Option(help="Of the code.")] = Colour.GREEN,
    kind: Annotated[PassKind, typer.Option(help="Of the pass.")] = PassKind.DYNAMIC,
    issuer: Annotated[str, typer.Option(help="Who signed it.")] = "33",
    division: Annotated[str | None, typer.Option(help="Six digits, as the code says.")] = None,
    test_h: Annotated[
        float | None, typer.Option(help="A negative test, so many hours since the sample.")
    ] = None,
    positive: Annotated[bool, typer.Option("--positive", help="That test is positive.")] = False,
    doses: Annotated[int | None, typer.Option(help="Of vaccine.")] = None,
    temperature: Annotated[
        list[float] | None, typer.Option(help="A reading, °C; again for each, the newest last.")
    ] = None,
    occupancy: Annotated[int | None, typer.Option(help="People inside.")] = None,
    at: Annotated[datetime | None, typer.Option(help="When, local time; now for a code.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="The gate's settings file; names its keys.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="A repository or a store of bundles, instead.")
    ] = None,
    root: Annotated[Path | None, typer.Option(help="Its root.json.")] = None,
) -> None:
    """Decide about one person and say which key or rule of which layer led to what.

    The person is a code, which is verified with the gate's keys, or is described by flags. What is
    not told of the gate is not known, and then no verdict is milder for it.

    **Examples**

    `checkpoint policy explain --policy 510100.toml --site venue --colour yellow --test-h 60`

    `checkpoint policy explain photo.png --policy office.toml --keys hub/trust --site office`

    `checkpoint policy explain photo.png --settings /etc/checkpoint/gate.toml`
    """
    from scanner.cli.policy.explaining import explain as lines
    from scanner.cli.policy.people import Described
    from scanner.cli.policy.stacks import read_layers, with_base

    described = Described(
        colour=colour,
        kind=kind,
        issuer=issuer,
        division=division,
        test=_test(test_h, negative=not positive),
        vaccine=_vaccine(doses),
        site=site,
        direction=direction,
        person=person,
        temperatures_c=tuple(temperature or ()),
        occupancy=occupancy,
        at=at if at or code is None else datetime.now(UTC),
    )
    shown = described.shown if code is None else _read(code, described.now, settings, keys, root)
    layers = with_base(read_layers(policy)) if policy else _in_force(settings, keys, root)
    for line in lines(shown, layers, described.circumstances, _host(host)):
        typer.echo(line)


def _in_force(settings: Path | None, keys: Path | None, root: Path | None) -> "Sequence[Layer]":
    """What holds at a gate: its own file and what its bundle carries for it."""
    from config.rules import load_rules, read_layer

    if settings is None:
        return [load_rules()]
    from config.settings import load_gate_settings
    from scanner.cli.verify_keys import configured_keys
    from scanner.gate.site_rules import SiteRules
    from scanner.trust.bundle.bundle import Bundle

    tree = load_gate_settings(settings)
    own = load_rules(tree.policy.rules)
    rules = SiteRules(own, tree.site.division, tree.site.id, read_layer)
    bundle = configured_keys(settings, keys, root)
    if isinstance(bundle, Bundle):
        rules.take(bundle.small)
    return rules.layers


def _test(hours: float | None, *, negative: bool) -> "DescribedTest | None":
    from scanner.cli.policy.people import DescribedTest

    if hours is None and negative:
        return None
    return DescribedTest(negative=negative, sampled_h=hours, reported_h=hours)


def _vaccine(doses: int | None) -> "DescribedVaccine | None":
    from scanner.cli.policy.people import DescribedVaccine

    return None if doses is None else DescribedVaccine(doses=doses)


def _host(division: str | None) -> "HostRecognition":
    from config.recognition import load_recognition
    from scanner.policy.recognition import ANYWHERE, HostRecognition, check_host

    if division is None:
        return ANYWHERE
    try:
        check_host(division)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--host") from error
    return HostRecognition(load_recognition(), division)


def _read(
    code: str, now: datetime, settings: Path | None, keys: Path | None, root: Path | None
) -> "VerifiedPass | Rejection":
    from scanner.cli.verify import text_of
    from scanner.cli.verify_keys import configured_keys, key_source
    from scanner.formats.registry import inspect_pass

    source = key_source(configured_keys(settings, keys, root), ())
    return inspect_pass(text_of(code), source, now).outcome
