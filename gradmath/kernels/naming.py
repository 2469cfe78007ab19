"""Names of inputs in generated source, kept apart from the printer's own."""

from __future__ import annotations

import re

from gradmath.program.ir import Program

_OWN = re.compile(
    r"t\d+|work|out|guards|np|special|xp|asarray|columns|exp|run|max|min|abs"
    r"|(number|truth)\d+_\d+|(out|same|const|sum|holds)\d+|once|block|near|top|arrays|numbers"
    r"|neg_abs|quick_exp|one_or|nan_or|keep|drop|choose|matmul_nt|matmul_tn|sum_rows|row_sum|row_max"
    r"|first_max|total|holds|number_exp|number_where|None"
)


def input_names(program: Program, own: re.Pattern[str] = _OWN) -> dict[str, str]:
    """For each input its name in the source: its own where that is free, else with underscores.

    own: what the printer needs for itself and the language reserves.
    """
    taken = set(program.inputs)
    names = {}
    for name in program.inputs:
        shown = name
        while own.fullmatch(shown) or (shown != name and shown in taken):
            shown += "_"
        taken.add(shown)
        names[name] = shown
    return names
