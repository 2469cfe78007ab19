"""Mistakes planted by machine in the statements of claims, beside those planted by hand.

Each equation and inequality of a statement is changed in one place at a time: a factor lost or
doubled, a sign turned, a term dropped, an exponent changed, an inequality turned round.  What no
counterexample shows to be false may still be true and is left out; what is false the claim's own
evidence must reject.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gradmath.catalogue.applied import explicit
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import Certificate, Evidence, relations
from gradmath.claims.relation import Relation
from gradmath.claims.statement import ForAll, Statement
from gradmath.mutation.expressions import Context, changes
from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero

#: mutants of one relation, and of one claim, at most: the first of each part, then the second, ...
EACH: Final = 6
MOST: Final = 30
_SECONDS: Final = 5.0
_TURNED: Mapping[str, str] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "!=", "!=": "==",
}  # fmt: skip


@dataclass(frozen=True)
class Survivor:
    """A false statement that the evidence accepted, or one of which nothing is known."""

    part: str
    operator: Operator
    what: str
    text: str
    shown: str = ""


@dataclass
class Generated:
    """What became of the mutants of one claim.

    equivalent: proved to say the same as a true statement.  spared: not shown to be false at the
    points searched, as a weaker inequality is; neither counts as a mistake.
    """

    tried: int = 0
    equivalent: int = 0
    spared: int = 0
    killed: int = 0
    survivors: list[Survivor] = field(default_factory=list)
    undecided: list[Survivor] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a passport."""
        return {
            "tried": self.tried,
            "equivalent": self.equivalent,
            "spared": self.spared,
            "killed": self.killed,
            "survivors": [_plain(one) for one in self.survivors],
            "undecided": [_plain(one) for one in self.undecided],
        }

    def rows(self) -> list[Row]:
        """One row, unless nothing could be generated."""
        if not self.tried:
            return []
        bad = next(iter(self.survivors or self.undecided), None)
        status = FAILED if self.survivors else INCONCLUSIVE if self.undecided else PASSED
        counted = self.killed + len(self.survivors)
        if status == PASSED and not counted:
            return []  # weaker statements only: nothing is shown, either way
        note = (
            f"{self.tried} made, {self.killed} killed, {self.equivalent} equivalent, "
            f"{self.spared} not shown to be false"
        )
        where = "" if bad is None else f"{bad.text}; {bad.shown}"
        return [Row("mistakes planted by machine", "planted", status, counted, where=where,
                    note=note, domain="every relation, one change at a time")]  # fmt: skip


def _plain(one: Survivor) -> dict[str, str]:
    return {
        "part": one.part,
        "operator": str(one.operator),
        "what": one.what,
        "text": one.text,
        "counterexample": one.shown,
    }


def generated(statement: Statement, evidence: tuple[Evidence, ...]) -> Generated:
    """Plant mistakes in every relation of a statement, and see whether its evidence rejects them.

    At most `EACH` of a relation and `MOST` of a claim, always the same ones.
    """
    found = Generated()
    lines = [
        itertools.islice(_mutants(name, relation, member), EACH)
        for name, relation, member in relations(statement)
    ]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*lines))
    for mutant in itertools.islice(filter(None, turns), MOST):
        _try(found, mutant, statement, evidence)
    return found


@dataclass(frozen=True)
class _Mutant:
    part: str
    operator: Operator
    what: str
    relation: Relation
    member: ForAll


def _mutants(name: str, relation: Relation, member: ForAll) -> Iterator[_Mutant]:
    """Changes of the longer side of a relation, and of its sign."""
    left, right = relation.left, relation.right
    swapped = right == 0 or (right.is_Atom and not left.is_Atom and not right.is_number)
    side = left if swapped else right
    made = list(changes(side, Context(), most=2))
    if relation.operator not in ("==", "!="):
        turned = Relation(left, _TURNED[relation.operator], right)
        yield _Mutant(name, Operator.FLIPPED_SIGN, "the inequality turned round", turned, member)
    for operator, what, changed in made:
        sides = (changed, right) if swapped else (left, changed)
        wrong = Relation(sides[0], relation.operator, sides[1])
        if wrong.free_symbols <= set(member.domain):
            yield _Mutant(name, operator, what, wrong, member)


def _try(
    found: Generated, mutant: _Mutant, statement: Statement, evidence: tuple[Evidence, ...]
) -> None:
    name, relation = mutant.part, mutant.relation
    alone = replace(mutant.member, parts={name: relation}, display=(), words="", scope=None)
    found.tried += 1
    shown = alone.counterexample()
    one = Survivor(
        name, mutant.operator, mutant.what, relation.text, shown.text if shown is not None else ""
    )
    if shown is None:
        if relation.operator != "==":
            found.spared += 1
        elif prove_zero(explicit(relation.gap), seconds=_SECONDS).proved:
            found.equivalent += 1
        else:
            found.undecided.append(one)
        return
    whole = _with(statement, mutant)
    covering = [piece for piece in evidence if name in piece.covers(statement)]
    if any(_rejects(piece, name, alone, whole) for piece in covering):
        found.killed += 1
    else:
        found.survivors.append(one)


def _with(statement: Statement, mutant: _Mutant) -> Statement:
    """The whole statement with the mutant in it."""
    if isinstance(statement, AllOf):
        members = tuple(_with(member, mutant) for member in statement.members)
        return replace(statement, members=members)
    if statement is mutant.member:
        return mutant.member.but(**{mutant.part: mutant.relation})
    return statement


def _rejects(piece: Evidence, name: str, alone: ForAll, whole: Statement) -> bool:
    """Whether a row of the evidence fails; the other parts, which are true, are left out."""
    if isinstance(piece, Certificate):
        narrow: Any = replace(piece, certificates={name: piece.certificates[name]})
    elif isinstance(getattr(piece, "parts", None), tuple):
        own: Any = piece
        narrow = replace(own, parts=(name,))
    else:
        return any(row.status == FAILED and row.subject == name for row in piece.check(whole))
    return any(row.status == FAILED for row in narrow.check(alone))
