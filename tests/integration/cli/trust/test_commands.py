"""`checkpoint trust`, as an operator types it."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.recognition import SHIPPED
from scanner.cli.trust.command import app
from scanner.cli.trust.options import now
from scanner.domain.errors import TrustError
from scanner.issuing.keys import IssuerKey
from scanner.publishing.key_files import write_key
from scanner.publishing.revocation import change, code_hashes, publish_list
from scanner.trust.bundle.bundle import load_bundle
from tests.publishing_builders import PASSPHRASE, Operator, cheap_passphrases, public_pem
from tests.rule_builders import rule_json

pytestmark = pytest.mark.usefixtures("work")

KEY = IssuerKey.generate("33")
OWNERS = ("A", "B", "C", "targets", "snapshot", "timestamp", "issuer-33")


def run(*arguments: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def says(*arguments: str | Path, typed: str = "") -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refusal(*arguments: str | Path) -> TrustError:
    error = run(*arguments).exception
    assert isinstance(error, TrustError), error
    return error


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a published repository of issuer 33, and everybody's key file."""
    cheap_passphrases(tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHECKPOINT_REPOSITORY", "trust")
    operator = Operator.begin(tmp_path / "trust", now())
    operator.add_issuer("33", [KEY], now())
    operator.publish(now())
    for owner in OWNERS:
        write_key(operator.key(owner), owner, tmp_path / f"{owner}.key", PASSPHRASE)
    (tmp_path / "new.pem").write_bytes(public_pem(IssuerKey.generate("33")))
    return tmp_path


def publish() -> str:
    return says("publish", "-k", "snapshot.key", "-k", "timestamp.key", "--yes")


def test_a_passphrase_is_typed_twice_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    path = tmp_path / "li.key"
    said = says("key", path, "--owner", "Li", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert PASSPHRASE not in said
    assert "mode 0600" in said
    with pytest.raises(TrustError, match="never overwritten"):
        raise refusal("key", path, "--owner", "Li", "--passphrase-file", secret(tmp_path))


def secret(folder: Path, mode: int = 0o600) -> Path:
    path = folder / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    path.chmod(mode)
    return path


def test_a_passphrase_file_that_others_can_read_is_refused(work: Path) -> None:
    error = refusal("key", "x.key", "--owner", "X", "--passphrase-file", secret(work, mode=0o644))
    assert "can be read by others" in error.found
    assert "chmod 600" in error.remedy
    assert not Path("x.key").exists()


def test_a_second_repository_in_the_same_folder_is_refused() -> None:
    keys = ["--root-key", "A.pub", "--root-key", "B.pub", "--targets-key", "targets.pub"]
    hub = ["--snapshot-key", "snapshot.pub", "--timestamp-key", "timestamp.pub"]
    assert "holds a repository already" in refusal("init", *keys, *hub).found
    says("init", "-r", "other", *keys, *hub)
    shutil.rmtree("other")
    error = refusal("init", "-r", "other", "--threshold", "3", *keys, *hub)
    assert "root would need 3 signatures of 2 keys" in error.found


def test_a_private_key_is_never_taken_for_a_public_one() -> None:
    error = refusal("add-issuer", "46", "--key", "issuer-33.key")
    assert "does not hold the public half" in error.found


@pytest.mark.parametrize("issuer", ["1", "333", "zz", "http://health.example", "33\n", ""])
def test_an_issuer_that_no_code_can_name_is_not_added(work: Path, issuer: str) -> None:
    assert isinstance(run("add-issuer", issuer, "-k", "A.pub").exception, TrustError)
    assert not (work / "trust/staged").exists()


def test_an_issuer_is_added_once() -> None:
    error = refusal("add-issuer", "33", "--key", "A.pub")
    assert error.found == "issuer-33 is delegated already."
    assert error.remedy == "To change its keys: checkpoint trust rotate issuer-33."


@pytest.mark.parametrize("layer", ["nation", "33", "330100", "sites"])
def test_a_layer_and_the_sites_are_delegated(layer: str) -> None:
    assert "may publish" in says("add-layer", layer, "--key", "A.pub")


def test_what_is_no_layer_is_no_layer() -> None:
    assert run("add-layer", "3301", "--key", "A.pub").exit_code == 2


def test_keys_come_from_a_folder_of_the_reference_issuer(work: Path) -> None:
    folder = work / "pilot/private/issuers"
    folder.mkdir(parents=True)
    mine = IssuerKey.generate("33", division="330100")
    mine.save(folder)
    said = says("set-keys", "33", "pilot")
    assert f"+ key {mine.key_id.hex()}, EdDSA, for every kind, of division 330100" in said
    assert f"- key {KEY.key_id.hex()}" in said
    assert "holds no key of issuer 46" in refusal("set-keys", "46", "pilot").found


def test_a_key_of_another_provinces_city_is_refused() -> None:
    error = refusal("add-key", "33", "new.pem", "--division", "440100")
    assert error.found == "Division 440100 lies outside issuer 33."


def test_taking_a_key_back_asks_and_no_does_nothing(work: Path) -> None:
    asked = run("revoke-key", "33", KEY.key_id.hex(), typed="n\n")
    assert asked.exit_code == 1
    assert "Nothing was done." in asked.output
    assert not (work / "trust/staged").exists()
    assert "REVOKED" in says("revoke-key", "33", KEY.key_id.hex(), "--yes")


def test_signing_shows_what_it_signs_and_asks() -> None:
    says("add-key", "33", "new.pem", "--valid-until", "2028-01-01", "--kind", "paper")
    asked = run("sign", "issuer-33", "-k", "issuer-33.key", typed="n\n")
    assert asked.exit_code == 1
    assert "issuer-33: version 1 -> 2" in asked.output
    assert "valid ever to 2028-01-01, for paper" in asked.output
    assert "Sign issuer-33?" in asked.output
    said = says("sign", "-k", "issuer-33.key", typed="y\n")
    assert "issuer-33 2 is signed by issuer-33: 1 of 1 needed" in said


def test_a_key_that_nothing_waits_for_signs_nothing() -> None:
    says("add-key", "33", "new.pem")
    error = refusal("sign", "-k", "A.key", "--yes")
    assert "Nothing is staged that these keys may sign" in error.found
    assert "Staged: issuer-33" in error.remedy


def test_a_copy_that_does_not_follow_from_the_pinned_root_is_not_signed(tmp_path: Path) -> None:
    Operator.begin(tmp_path / "forged")
    says("add-key", "33", "new.pem")
    error = refusal("sign", "-k", "issuer-33.key", "--yes", "--root", "forged/metadata/1.root.json")
    assert "signatures it needs" in error.found


def test_publishing_shows_the_changes_and_asks() -> None:
    says("add-key", "33", "new.pem")
    says("sign", "-k", "issuer-33.key", "--yes")
    asked = run("publish", "-k", "snapshot.key", "-k", "timestamp.key", typed="n\n")
    assert asked.exit_code == 1
    assert "Publish this?" in asked.output
    assert "version 1.2 -> 1.3" in publish()


def test_staged_work_can_be_dropped(work: Path) -> None:
    says("add-key", "33", "new.pem")
    says("expire", "targets", "--in", "30d")
    assert says("unstage", "issuer-33", "--yes") == "Dropped: issuer-33.\n"
    assert says("unstage", "--yes") == "Dropped: targets.\n"
    assert not (work / "trust/staged").exists()
    assert "Nothing is staged for any role" in refusal("unstage").found
    assert "Staged: nothing." in refusal("unstage", "root").remedy


def test_a_rotation_says_what_must_be_signed_by_whom(work: Path) -> None:
    said = says("rotate", "issuer-33", "--remove", "issuer-33", "--add", "A.pub", "--yes")
    assert "- issuer-33 (" in said
    assert "+ A (" in said
    assert (work / "trust/staged/targets.json").exists()
    assert (work / "trust/staged/issuer-33.json").exists()
    assert "Nothing would change" in refusal("rotate", "root").found
    error = refusal("rotate", "root", "--remove", "Nobody", "--yes")
    assert "root has no key of 'Nobody'" in error.found
    assert "A (" in error.remedy
    assert "There is no role issuer-99" in refusal("rotate", "issuer-99", "--add", "A.pub").found


def test_files_are_put_where_their_role_may_publish_them() -> None:
    says("add-layer", "33", "--key", "A.pub")
    says("add-layer", "sites", "--key", "B.pub")
    Path("rules.toml").write_text("[results]\nexpired = 'CHECK'\n")
    Path("matrix.toml").write_bytes(SHIPPED.read_bytes())
    Path("words.po").write_text('msgid "admit"\nmsgstr "请进"\n')
    said = says("put", "rules", "rules.toml", "--layer", "33")
    assert "+expired = 'CHECK'" in said
    says("put", "site", "rules.toml", "--site", "north-gate")
    says("put", "words", "words.po", "--site", "north-gate", "--language", "en")
    says("put", "recognition", "matrix.toml")
    Path("AT.json").write_text(json.dumps([rule_json(Identifier="VR-AT-0001", Country="AT")]))
    Path("sets.json").write_text('{"products": ["EU/1/20/1528"]}')
    says("put", "business-rules", "AT.json", "--country", "AT")
    says("put", "value-sets", "sets.json")
    for key in ("targets.key", "A.key", "B.key"):
        says("sign", "-k", key, "--yes")
    publish()
    bundle = load_bundle(Path("trust"), Path("trust/metadata/1.root.json").read_bytes())
    assert set(bundle.small) == {
        "policy/33/rules.toml",
        "sites/north-gate/rules.toml",
        "sites/north-gate/words.en.po",
        "recognition/matrix.toml",
        "business-rules/AT.json",
        "business-rules/value-sets.json",
    }
    said = says("remove", "policy/33/rules.toml", "--yes")
    assert "- policy/33/rules.toml" in said
    assert "is not published" in refusal("remove", "policy/44/rules.toml", "--yes").found


def test_a_file_that_is_not_well_formed_is_not_put() -> None:
    Path("rules.toml").write_text("[results")
    assert "is not TOML" in refusal("put", "rules", "rules.toml", "--layer", "33").found


def test_rules_of_another_layer_are_not_put() -> None:
    Path("rules.toml").write_text('layer = "province"\nplace = "33"\n')
    error = refusal("put", "rules", "rules.toml", "--layer", "46")
    assert "the file is for province 33" in error.found


def test_a_sites_rules_that_a_gate_would_refuse_are_not_put() -> None:
    Path("rules.toml").write_text("[results]\nbad_signature = 'CHECK'\n")
    assert "$.results.bad_signature" in refusal("put", "site", "rules.toml", "--site", "x").found
    assert not Path("trust/staged/sites.json").exists()


def test_a_matrix_that_a_gate_would_refuse_is_not_put() -> None:
    Path("matrix.toml").write_text('version = "x"\n\n[[row]]\nhost = "33"\nissuer = "47"\n')
    error = refusal("put", "recognition", "matrix.toml")
    assert error.found.startswith("matrix.toml, row 1 at line 3: ")
    assert not Path("trust/staged/targets.json").exists()


def test_business_rules_that_a_gate_would_refuse_are_not_put() -> None:
    Path("AT.json").write_text(json.dumps([rule_json()]))
    error = refusal("put", "business-rules", "AT.json", "--country", "AT")
    assert "Rule VR-DE-0001 is of DE; rules of AT are expected" in error.found
    Path("DE.json").write_text(json.dumps([rule_json(Logic={"or": [True]})]))
    error = refusal("put", "business-rules", "DE.json", "--country", "DE")
    assert "unknown operation 'or'" in error.found
    Path("sets.json").write_text("[]")
    assert "value sets" in refusal("put", "value-sets", "sets.json").found
    assert not Path("trust/staged/targets.json").exists()


@pytest.mark.parametrize(
    "options", [(), ("--country", "at"), ("--country", "AT", "--layer", "33"), ("--layer", "33")]
)
def test_business_rules_are_put_for_one_country(options: tuple[str, ...]) -> None:
    Path("AT.json").write_text("[]")
    assert run("put", "business-rules", "AT.json", *options).exit_code == 2


@pytest.mark.parametrize(
    "options", [(), ("--layer", "33", "--site", "x"), ("--layer", "x"), ("--site", "../x")]
)
def test_a_file_needs_the_options_of_its_content(options: tuple[str, ...]) -> None:
    Path("rules.toml").write_text("")
    assert run("put", "rules", "rules.toml", *options).exit_code == 2


def test_expiry_is_told_to_people_and_to_monitoring() -> None:
    assert run("expire").exit_code == 0
    soon = run("expire", "--within", "8d")
    assert soon.exit_code == 3
    first = soon.output.splitlines()[0]
    assert first.endswith("timestamp 2  due")
    says("expire", "issuer-33", "--in", "0s")
    says("sign", "-k", "issuer-33.key", "--yes")
    error = refusal("publish", "-k", "snapshot.key", "-k", "timestamp.key", "--yes")
    assert "before it was published" in error.found
    assert run("expire", "root").exit_code == 2
    assert "is signed at each publication" in refusal("expire", "timestamp", "--in", "1d").found


def test_what_has_expired_is_told_by_its_own_exit_status(tmp_path: Path) -> None:
    Operator.begin(tmp_path / "old", now() - timedelta(days=8))
    told = run("expire", "-r", "old")
    assert told.exit_code == 4
    assert told.output.splitlines()[0].endswith("timestamp 1  EXPIRED")


def test_a_refresh_keeps_the_issuers_and_makes_the_bundle_younger() -> None:
    assert "Version 1.3, good until" in says("refresh", "-k", "snapshot.key", "-k", "timestamp.key")


def test_the_overview_names_roles_people_keys_and_files() -> None:
    says("expire", "targets", "--in", "30d")
    said = says("show")
    for line in (
        "version 1.2",
        "2 of 3 sign: A (",
        "issuer 33 Zhejiang, 1 keys",
        KEY.key_id.hex(),
        "file keys/33/keys.json",
        "staged targets 3",
        "targets 3 is signed by nobody: 0 of 1 needed in the eyes of root 1; may sign: targets",
    ):
        assert line in said
    shown = json.loads(says("show", "--json"))
    assert [office["role"] for office in shown["offices"]] == [
        "root",
        "targets",
        "snapshot",
        "timestamp",
        "issuer-33",
    ]
    assert shown["staged"][0]["missing"] == 1
    assert shown["issuers"][0]["keys"][0]["kid"] == KEY.key_id.hex()


def test_a_difference_names_keys_and_who_signed() -> None:
    shutil.copytree("trust", "before")
    says("add-key", "33", "new.pem")
    says("sign", "-k", "issuer-33.key", "--yes")
    publish()
    said = says("diff", "before", "trust")
    assert said.startswith("version 1.2 -> 1.3, published ")
    assert "33 Zhejiang: + key" in said
    assert "signed by issuer-33" in said
    assert "targets" not in said


def test_a_repository_of_another_root_has_no_difference_but_a_refusal(tmp_path: Path) -> None:
    Operator.begin(tmp_path / "other")
    assert isinstance(run("diff", "trust", "other").exception, TrustError)


def test_an_empty_folder_is_told_how_to_begin() -> None:
    for command in (["expire"], ["refresh", "-k", "timestamp.key"]):
        assert "checkpoint trust init" in refusal(*command, "-r", "nothing").remedy


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_teaches_with_an_example(command: str) -> None:
    assert f"checkpoint trust {command}" in " ".join(says(command, "--help").split())


def test_a_revocation_list_is_put_whole_and_signed_by_its_issuer(work: Path) -> None:
    publish_list(work / "list", code_hashes("33", [b"one"]))
    change(work / "list", code_hashes("33", [b"two"]))
    said = says("put", "revocation", "list", "--issuer", "33")
    assert "+ revocation/33/base.bin, 72 bytes" in said
    says("sign", "-k", "issuer-33.key", "--yes")
    publish()
    (work / "list/delta-0001.bin").unlink()
    said = says("put", "revocation", "list", "--issuer", "33")
    assert "- revocation/33/delta-0001.bin" in said
    assert "base.bin" not in said
    (work / "list/notes.txt").touch()
    assert (
        "is no folder of an issuer's list"
        in refusal("put", "revocation", "list", "--issuer", "33").found
    )
    assert run("put", "revocation", "list").exit_code == 2


def test_a_revocation_list_that_no_gate_could_read_is_not_published(work: Path) -> None:
    publish_list(work / "list", code_hashes("33", [b"one"]))
    with (work / "list/base.bin").open("ab") as file:
        file.write(b"more")
    says("put", "revocation", "list", "--issuer", "33")
    says("sign", "-k", "issuer-33.key", "--yes")
    error = refusal("publish", "-k", "snapshot.key", "-k", "timestamp.key", "--yes")
    assert "bytes after its header" in error.found
    assert "version 1.2" in says("show")
