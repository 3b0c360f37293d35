"""The played V4L2 camera, compiled once."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("v4l2_device.c")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None or not Path("/usr/include/linux/videodev2.h").exists():
        pytest.skip("no C compiler or no kernel headers (gcc, linux-libc-dev)")
    made = tmp_path_factory.mktemp("v4l2") / "v4l2_device.so"
    subprocess.run([compiler, "-shared", "-fPIC", SOURCE, "-o", made, "-ldl"], check=True)
    return made
