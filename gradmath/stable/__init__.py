"""Expressions -> forms that neither overflow nor cancel, each proved equal to the original."""

from __future__ import annotations

from gradmath.stable.form import Form, form
from gradmath.stable.primitives import scaled_erfc

__all__ = ["Form", "form", "scaled_erfc"]
