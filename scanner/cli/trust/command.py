"""The group `checkpoint trust`: registers its commands; each subject has its own file."""

import typer

from scanner.cli.trust import (
    bringing,
    files,
    issuer_keys,
    keys,
    publishing,
    revocations,
    roles,
    showing,
    signing,
)

app = typer.Typer(
    help="""Make and run the repository from which gates get keys, rules and revocations.

It is a TUF repository (theupdateframework.io). A few people hold root keys, an office holds the
key that says who may publish what, each issuer signs its own keys with its own, and the hub holds
the two keys that say what is newest. Changes are staged, signed where the keys are, and published.
docs/trust-ceremony.md tells the whole ceremony, and what each theft or loss costs.

**An afternoon**, everything on one machine:

`for k in li wang chen office zhejiang snapshot timestamp; do
checkpoint trust key $k.key --owner $k; done`

`export CHECKPOINT_REPOSITORY=trust`

`checkpoint trust init --root-key li.pub --root-key wang.pub --root-key chen.pub
--targets-key office.pub --snapshot-key snapshot.pub --timestamp-key timestamp.pub`

`checkpoint trust add-issuer 33 --key zhejiang.pub`

`checkpoint trust set-keys 33 zhejiang-codes.pem`

`checkpoint trust sign root --key li.key --key wang.key`, then `sign targets --key office.key` and
`sign issuer-33 --key zhejiang.key`

`checkpoint trust publish --key snapshot.key --key timestamp.key`""",
    no_args_is_help=True,
)

app.command("key")(keys.key)
app.command("init")(roles.init)
app.command("add-issuer")(roles.add_issuer)
app.command("add-layer")(roles.add_layer)
app.command("remove-role")(roles.remove_role)
app.command("rotate")(roles.rotate)
app.command("set-keys")(issuer_keys.set_keys)
app.command("add-key")(issuer_keys.add_key)
app.command("revoke-key")(issuer_keys.revoke_key)
app.command("revoke")(revocations.revoke)
app.command("put")(files.put)
app.command("remove")(files.remove)
app.command("sign")(signing.sign)
app.command("collect")(signing.collect)
app.command("unstage")(signing.unstage)
app.command("publish")(publishing.publish)
app.command("refresh")(publishing.refresh)
app.command("expire")(publishing.expire)
app.command("import")(bringing.import_)
app.command("export")(bringing.export)
app.command("show")(showing.show)
app.command("diff")(showing.diff)
