"""The table of slopes: how steep every activation is, how sharply it bends, and where."""

from __future__ import annotations

from collections.abc import Mapping

from gradmath import notation
from gradmath.catalogue import activations
from gradmath.claims import claims
from gradmath.claims.catalogue_page.ranges import derivative
from gradmath.claims.enclosed import ranges
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError
from gradmath.render.claims import passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, maths, table
from gradmath.verify.enclose import Extreme, Place

_DIGITS = 6  # of a place
_END_DIGITS = 5  # of an end of an interval; the claim has more
_WHOLE = 1e-9  # ends nearer to a whole number are that number


def slope_table(directive: Directive, context: Context) -> str:
    """`slopes`: the interval of the slopes of every activation, where its ends are, the bends."""
    directive.refuse_options()
    steep, bent = (passed(claims[name]).values for name in ("slope-ranges", "bend-ranges"))
    head = [context.say(word) for word in ("entry", "slopes", "least_at", "greatest_at", "bends")]
    rows = []
    for name, entry in activations.items():
        first, second = (ranges(derivative(name, order)) for order in (1, 2))
        rows.append(
            (
                f"<strong>{escape(entry.titles[context.language])}</strong>",
                maths(interval(first.least, first.greatest, steep, name)),
                places(first.least),
                places(first.greatest),
                maths(interval(second.least, second.greatest, bent, name)),
            )
        )
    return context.keep(table(head, rows, kind="gm-catalogue"))


def interval(least: Extreme, greatest: Extreme, values: Mapping[str, Value], name: str) -> str:
    """The smallest interval; a round bracket where the end is approached only."""
    low, high = (end_tex(values[f"{name}_{end}"]) for end in ("least", "greatest"))
    if least.attained is None or greatest.attained is None:
        raise DeclarationError(f"range of {name}", got="an end that may be reached or not")
    if low == high:
        return rf"\{{{low}\}}"
    left, right = "[" if least.attained else "(", "]" if greatest.attained else ")"
    return rf"{left}{low},\; {high}{right}"


def end_tex(value: Value) -> str:
    """An end of an interval in few digits, so that five columns fit on a page."""
    if value.digits is None:
        return value.latex
    whole = round(float(value.value))
    if abs(float(value.value) - whole) < _WHOLE:
        return str(whole)
    return Value(value.value, digits=min(value.digits, _END_DIGITS)).latex


def places(extreme: Extreme) -> str:
    """Where the end is reached or approached; single points beside whole intervals are left out."""
    whole = [place for place in extreme.places if place.kind == "interval"]
    return "<br>".join(maths(place_tex(place)) for place in whole or extreme.places)


def place_tex(place: Place) -> str:
    """One place as a formula."""
    if place.kind == "limit":
        return r"z \to \infty" if place.side > 0 else r"z \to -\infty"
    if place.span is not None:
        low, high = (notation.latex(end) for end in place.span)
        return rf"z \in ({low},\; {high})"
    assert place.at is not None
    middle = place.at.mid()
    number = "0" if place.at.contains(0) else Value(float(middle), digits=_DIGITS).latex
    if place.kind == "side":
        return rf"z \to {number}^{{{'+' if place.side > 0 else '-'}}}"
    return f"z = {number}"
