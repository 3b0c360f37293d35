from pathlib import Path

import pytest

from tests.publishing_builders import ZHEJIANG, Operator


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Zhejiang is published."""
    operator = Operator.begin(tmp_path / "trust")
    operator.add_issuer("33", [ZHEJIANG])
    operator.publish()
    return operator
