"""A step that fails says what it found."""

import pytest

pytest.register_assert_rewrite("tests.acceptance.steps", "tests.acceptance.checkpoint")
