"""Docstrings of callable entries, written from their declarations."""

from __future__ import annotations

from gradmath.catalogue.bibliography import BIBLIOGRAPHY
from gradmath.catalogue.declaration import Entry
from gradmath.network import parameters_by_name
from gradmath.notation import text


def describe(entry: Entry) -> str:
    """Purpose, formula, parameters, kinks, errors and source of an entry, as a docstring."""
    lines = [
        f"{entry.titles['en']}: {entry.summary['en']}",
        "",
        f"    {text(entry.definition)}",
        "",
    ]
    for name, parameter in parameters_by_name(entry).items():
        lines.append(f"{name}: a number in {parameter.range}, default {parameter.default}.")
    for point, kink in getattr(entry, "kinks", {}).items():
        lines.append(
            f"Kink at {point}: derivative {kink.order} jumps from {kink.left} to {kink.right}; "
            f"{kink.returned} is returned."
        )
    if entry.kind == "activation":
        low, high = entry.limits  # type: ignore[attr-defined]  # what the kind says
        lines.append(f"Limits: {low} at -oo, {high} at +oo.  NaN gives NaN.")
    lines.append(
        "Numbers, lists, NumPy and array-API arrays keep their floating type (integers become "
        "float64); SymPy expressions give explicit SymPy."
    )
    lines.append("Raises GradmathError for an empty array, mixed libraries, unknown parameters.")
    for key in entry.references:
        lines.append(f"Source: {BIBLIOGRAPHY[key].short}, {BIBLIOGRAPHY[key].url}")
    return "\n".join(lines)
