"""One question being answered: the function's derivatives, and what was found of each claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gradmath.verify.gradients.claimed import Pick
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.ledger import Ledger, opened
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.truth import Definition, Shape
from gradmath.verify.report import Row
from gradmath.verify.ulps import Format


@dataclass
class Inquiry:
    """The question, the definition that answers it, and a ledger for each claim.

    `arrangement` says how each claim is arranged, once that has been found out; `refused` are rows
    on claims whose shape does not fit, or that cannot be called, and end the inquiry.
    """

    question: Question
    definition: Definition
    ledgers: Mapping[str, Ledger]
    arrangement: dict[str, Shape] = field(default_factory=dict)
    refused: list[Row] = field(default_factory=list)

    @property
    def rounded(self) -> bool:
        """Whether constants of code, or doubles in expressions, may be off in their last place."""
        code = any(claim.is_code for claim in self.question.claims.values())
        return code or isinstance(self.question.formula, Code) or self.question.has_floats

    def pick(self, claim: Claim, point: Point) -> Pick:
        """Takes the entries of a claim out of a result."""
        shape = self.arrangement[claim.name].whole
        template = point.get(claim.name.partition(",")[0], 0.0)
        return lambda output: claim.entries(output, template, shape)


def opened_for(question: Question, formats: Sequence[Format], strict: float | None) -> Inquiry:
    """An inquiry in which nothing has been found yet."""
    definition = Definition(question.formula, question.wrt, question.order, question.reduction)
    ledgers = {name: opened(question, name, formats, strict) for name in question.wrt}
    return Inquiry(question, definition, ledgers)
