from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scanner.peripherals.mounts import MountWatch, read_mounts

TABLE = b"""\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
35 22 8:1 / /run/media/checkpoint-sda1 ro,nosuid,nodev,noexec shared:9 - vfat /dev/sda1 ro
36 22 8:17 / /media/My\\040Stick\\134\\011 rw - exfat /dev/sdb1 rw
37 22 0:50 / /mediaeval rw - tmpfs none rw
38 22 0:51 / /mnt rw - tmpfs none rw
"""
BELOW = (Path("/media"), Path("/run/media"), Path("/mnt"))


def test_only_mounts_at_or_below_the_watched_folders_count() -> None:
    assert {str(mount.point) for mount in read_mounts(TABLE, BELOW)} == {
        "/run/media/checkpoint-sda1",
        "/media/My Stick\\\t",
        "/mnt",
    }


@given(st.binary(max_size=400))
def test_no_table_breaks_the_watch(table: bytes) -> None:
    for mount in read_mounts(b"1 2 3:4 / " + table, (Path("/"),)):
        assert mount.point.is_absolute()


def test_each_mount_is_told_of_once_and_again_after_it_was_gone(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(TABLE)
    watch = MountWatch(BELOW, table)
    assert len(watch.wait(0)) == 3
    assert watch.wait(0) == []
    table.write_bytes(b"\n".join(TABLE.split(b"\n")[:1]))
    assert watch.wait(0) == []
    table.write_bytes(TABLE)
    assert len(watch.wait(0)) == 3
    watch.close()


def test_the_kernels_own_table_can_be_watched() -> None:
    watch = MountWatch((Path("/"),))
    assert watch.wait(0) != []
    assert watch.wait(0) == []
    watch.close()
