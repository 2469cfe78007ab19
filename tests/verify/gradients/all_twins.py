"""All rows of the table, in one tuple."""

from __future__ import annotations

from tests.verify.gradients.twins_activations import ACTIVATIONS
from tests.verify.gradients.twins_arrays import ARRAYS, NETWORKS
from tests.verify.gradients.twins_equations import EQUATIONS
from tests.verify.gradients.twins_formulas import FORMULAS
from tests.verify.gradients.twins_traps import TRAPS

TWINS = (*ACTIVATIONS, *FORMULAS, *EQUATIONS, *ARRAYS, *NETWORKS, *TRAPS)
