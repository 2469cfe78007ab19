"""Names of inputs in generated source, kept apart from the printer's own."""

from __future__ import annotations

import re

from gradmath.program.ir import Program

_OWN = re.compile(
    r"t\d+|work|out|guards|np|special|xp|asarray|columns|exp|run|max|min|abs"
    r"|(number|truth|bits|byte)\d+_\d+|(bits|same|sum|any)_?\d+(_\d+)?|sign"
    r"|once|block|arrays|numbers|number|bits"
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
