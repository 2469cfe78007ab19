"""Expressions -> forms that neither overflow nor cancel, each proved equal to the original."""

from __future__ import annotations

from gradmath.stable.form import Form, form
from gradmath.stable.primitives import scaled_erfc
from gradmath.stable.sums import in_sums

__all__ = ["Form", "form", "in_sums", "scaled_erfc"]
