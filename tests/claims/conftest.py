"""Claims are judged once: see tests/judged_before.py."""

from tests.judged_before import judged_before  # noqa: F401 - a fixture
