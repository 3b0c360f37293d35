"""A V4L2 camera that `v4l2_device.c` plays inside the process under test."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKPOINT = (sys.executable, "-m", "scanner.cli")


@dataclass(frozen=True)
class Camera:
    """The device, and the cable that a test pulls."""

    path: Path
    mood_file: Path
    environment: dict[str, str]

    @classmethod
    def at(cls, folder: Path, library: Path, frames: Path, **more: str) -> "Camera":
        """A camera in `folder` that plays `frames`; `more` is told to the library as well."""
        return cls(
            path=folder / "video0",
            mood_file=folder / "mood",
            environment={
                **os.environ,
                "LD_PRELOAD": str(library),
                "PLAYED_CAMERA": str(folder / "video0"),
                "PLAYED_FRAMES": str(frames),
                "PLAYED_MOOD": str(folder / "mood"),
                **more,
            },
        )

    def plug_in(self) -> None:
        self.mood("live")
        try:
            os.mknod(self.path, stat.S_IFCHR | 0o600, os.makedev(81, 0))
        except PermissionError:
            pytest.skip("this user may not make a device node")

    def unplug(self) -> None:
        self.path.unlink()
        self.mood("gone")

    def mood(self, word: str) -> None:
        new = self.mood_file.with_suffix(".new")
        new.write_text(word)
        new.replace(self.mood_file)
