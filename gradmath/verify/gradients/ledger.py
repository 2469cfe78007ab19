"""What was found of the gradient by one name, and the rows of the report that say so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import sympy

from gradmath.catalogue.applied import explicit
from gradmath.errors import GradmathError
from gradmath.verify.gradients.explain import reason_for
from gradmath.verify.gradients.functions import Equations
from gradmath.verify.gradients.matrices import is_matrix
from gradmath.verify.gradients.pairs import Pair
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.rounding import Rounding
from gradmath.verify.gradients.truth import Shape
from gradmath.verify.report import INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero
from gradmath.verify.tally import Tally
from gradmath.verify.ulps import Format

#: fewer points than this inside the domain show nothing (one, if points were given)
FEWEST: Final = 3
#: points this far out may stay undecided; the report says so
FAR: Final = 1024.0
#: a claim that was wrong at so many ordinary points is settled, and hopeless if right at none
_ENOUGH, _ENOUGH_OF_ARRAYS = 16, 4
#: seconds for the attempt at a proof, and the size of an expression beyond which none is made
_PROOF_SECONDS, _PROOF_SIZE = 3.0, 300
ORACLE: Final = "the definition in ball arithmetic, swept back"
BY_MPMATH: Final = "the definition in ball arithmetic and mpmath, swept back"


@dataclass(frozen=True)
class Shown:
    """A failing point that a person can check: where, both values, the relative error."""

    where: str
    got: str
    expected: str
    share: float


@dataclass(frozen=True)
class Doubt:
    """Two exact formulas whose values differ by less than any rounding, and by how much."""

    where: str
    got: str
    expected: str
    gap: str


@dataclass
class Ledger:
    """What was found of the gradient by one name.

    `proof` is a symbolic proof, if one was found; `pairs` are the true and claimed entries at
    points away from kinks, of which so many were `right` and `wrong`; `opaque` says why the code of
    the claim cannot be traced, if so; `without_value` counts points where the claim has no value
    though the function has a derivative; `far` those too far out to be decided.
    """

    name: str
    exact: Tally
    kinks: Tally
    numbers: dict[str, Rounding]
    pairs: list[Pair] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    proof: Row | None = None
    opaque: str = ""
    shown: Shown | None = None
    doubt: Doubt | None = None
    without_value: int = 0
    far: int = 0

    @property
    def label(self) -> str:
        """How the derivative is written in the report."""
        return self.exact.subject

    @property
    def failed(self) -> bool:
        """Whether the claim is known to be wrong somewhere."""
        numbers = sum(rounding.failures for rounding in self.numbers.values())
        return bool(self.exact.failures or self.kinks.failures or numbers)

    @property
    def is_hopeless(self) -> bool:
        """Whether the claim is wrong wherever it was asked, at enough points to say why."""
        return not self.right and self.is_settled

    @property
    def is_settled(self) -> bool:
        """Whether the claim is wrong at enough points to say why: nothing can mend that."""
        entries = max((len(pair.true) for pair in self.pairs[:1]), default=1)
        return self.wrong >= (_ENOUGH if entries == 1 else _ENOUGH_OF_ARRAYS)


def opened(
    question: Question, name: str, formats: Sequence[Format], strict: float | None
) -> Ledger:
    """An empty ledger; only code is asked for its numbers."""
    label = question.label(name)
    numbers = {form.name: Rounding(form, strict) for form in formats}
    return Ledger(
        name,
        Tally(label, ORACLE, "relative"),
        Tally(label, "one-sided derivatives at kinks", "", fewest=0),
        numbers if question.claims[name].is_code else {},
    )


def written(
    question: Question,
    ledger: Ledger,
    arrangement: Mapping[str, Shape],
    left_out: int,
    oracles: Collection[str] = (),
) -> Iterator[Row]:
    """The rows on the gradient by one name: proof, definition, kinks, and numbers by format.

    `oracles` are those besides ball arithmetic that the definition asked.
    """
    tally = ledger.exact
    if ledger.opaque:
        yield from _by_numbers(ledger)
        return
    if ledger.proof is not None:
        yield ledger.proof
    if not arrangement and ledger.without_value:
        tally.fail("", "the claim has no value wherever the function has one")
    tally.left_out = left_out
    tally.fewest = 1 if question.places.given else question.places.fewest(FEWEST)
    if ledger.without_value:
        tally.notes.append(
            f"{ledger.without_value} more points where the claim has no value and the "
            "function has a derivative"
        )
        if ledger.without_value * 4 > tally.points + ledger.without_value:
            tally.fail("", "the claim has no value on much of the domain")
    asked = set(question.by_mpmath)
    if oracles and not question.formula.by_mpmath:
        asked.add("derivatives by a parameter")
    if asked:
        tally.method = BY_MPMATH
        tally.notes.append(
            f"{', '.join(sorted(asked))} by mpmath at two precisions: what lies between them is "
            "taken for the error, and no ball encloses the value"
        )
    if ledger.proof is not None and tally.undecided:
        tally.notes.append(f"left to the proof: {tally.undecided}")
        tally.undecided = ""
    if ledger.far:
        tally.notes.append(
            f"{ledger.far} more left out, beyond {FAR:g} or with numbers on the way that no format "
            "comes near: not decided with 8192 bits"
        )
    if ledger.doubt is not None and not tally.failures:
        doubt = ledger.doubt
        tally.add(False, 0.0, doubt.where, doubt.got, doubt.expected)
        tally.notes.append(f"two different numbers, a relative {doubt.gap} apart")
    if ledger.shown is not None:
        shown, worst = ledger.shown, f"worst relative error {tally.worst:.3g} at {tally.where}"
        if shown.where != tally.where:
            tally.notes.append(worst)
        tally.worst, tally.where = shown.share, shown.where
        tally.got, tally.expected = shown.got, shown.expected
    if not tally.failures and question.places.all_square:
        tally.notes.append(
            "all arrays are square and of one size: a mean over the wrong axis would not show; "
            "give other shapes too"
        )
    if tally.failures:
        shape = arrangement.get(ledger.name)
        reason = reason_for(question, ledger.name, shape, ledger.pairs) if shape else ""
        if reason:
            tally.notes.insert(0, reason)
    yield tally.row()
    if ledger.kinks.points:
        yield ledger.kinks.row()
    for rounding in ledger.numbers.values():
        if tally.failures or not rounding.counted:
            continue  # the numbers are those of a wrong formula, or there are none
        yield rounding.row(ledger.label)


def _by_numbers(ledger: Ledger) -> Iterator[Row]:
    """Rows on code that cannot be traced: nothing but its numbers speaks for it.

    So a number that rounding may have lost leaves the question open.
    """
    for rounding in ledger.numbers.values():
        rounding.notes.append(
            f"judged by its numbers alone: the code cannot be traced ({ledger.opaque})"
        )
        row = rounding.row(ledger.label)
        if rounding.lost and row.status == PASSED:
            row = replace(row, status=INCONCLUSIVE, note=f"{row.note}; state a smaller domain")
        yield row


def proof(question: Question, name: str) -> Row | None:
    """A symbolic proof for expressions, where one is found in a short time."""
    claimed = question.expressions.get(name)
    formula = question.formula
    if claimed is None or not isinstance(formula, Equations) or name in formula.equations:
        return None
    if any(map(is_matrix, (claimed, *formula.equations.values()))):
        return None
    if claimed.has(sympy.Eq, sympy.Ne):  # single points, which a proof leaves out
        return None
    if question.has_floats:  # SymPy rounds them as it goes
        return None
    whole: dict[sympy.Symbol, sympy.Expr] = {}
    for key, right in formula.equations.items():
        whole[sympy.Symbol(key, real=True)] = explicit(right).xreplace(whole)
        if sympy.count_ops(whole[sympy.Symbol(key, real=True)]) > _PROOF_SIZE:
            return None
    by, _, along = name.partition(",")
    symbols = [sympy.Symbol(by, real=True)]
    if question.order == 2:
        symbols.append(sympy.Symbol(along or by, real=True))
    value = list(whole.values())[-1]
    gap = value.diff(*symbols).replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
    gap -= explicit(claimed).xreplace(whole)
    if sympy.count_ops(gap) > 2 * _PROOF_SIZE:
        return None
    try:
        proof = prove_zero(gap, seconds=_PROOF_SECONDS, breakpoints=False)
    except GradmathError:
        return None
    if not proof:  # a disproof is the oracle's business: it names the point and both values
        return None
    return Row(question.label(name), "proof by SymPy", PASSED, note=proof.how)
