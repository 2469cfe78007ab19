"""A claim: a statement of the chapter with its evidence, the mistakes it must tell apart from
itself, and the numbers that pages quote from it.

    @claim("sigmoid-symmetry", page="one-neuron", grade=PROVED, titles=..., statement_text=...)
    def sigmoid_symmetry() -> Case:
        statement = ForAll(equal(sigmoid(-z), 1 - sigmoid(z)), {z: Reals})
        odd = statement.but(statement=equal(sigmoid(-z), -sigmoid(z)))
        mistakes = [Mistake("taken for an odd function", "误当成奇函数", odd)]
        return Case(statement, [identity(), points()], mistakes)

Nothing runs when a module of claims is imported.  The function runs when the statement is first
asked for, the evidence when the status is; both once per process.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradmath.claims import judge
from gradmath.claims.evidence import Evidence
from gradmath.claims.exercise import Answer
from gradmath.claims.grades import Grade, Status
from gradmath.claims.judge import Judgement
from gradmath.claims.registry import PAGES, register
from gradmath.claims.statement import Statement
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify.report import Report

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

LANGUAGES = ("en", "zh")
_ID = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Mistake:
    """A planted mistake: the statement with one thing wrong, and what that is.

    `at` may name a point at which it shows; without it the domain's own points are searched.
    For a refuted claim the planted statement is a true neighbour, and `proof` shows that.
    With a wrong `derivation`, evidence that looks at a derivation is given that one.
    """

    en: str
    zh: str
    statement: Statement
    at: Mapping[Any, Any] | None = None
    proof: Sequence[Evidence] = ()
    derivation: Derivation | None = None

    @property
    def titles(self) -> Mapping[str, str]:
        """What is wrong, by language."""
        return {"en": self.en, "zh": self.zh}


@dataclass(frozen=True)
class Case:
    """What a claim's function returns: statement, evidence, planted mistakes, quotable values.

    A claim that answers an exercise has an `answer` too.
    """

    statement: Statement
    evidence: Sequence[Evidence]
    mistakes: Sequence[Mistake] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    answer: Answer | None = None


@dataclass(frozen=True, eq=False)
class Claim:
    """One statement of the chapter; see the module's own text for how to write one."""

    id: str
    page: str
    grade: Grade
    titles: Mapping[str, str]
    statement_text: Mapping[str, str]
    assumptions: Mapping[str, str]
    references: tuple[str, ...]
    function: Callable[[], Case]

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise DeclarationError(
                "claim id", got=repr(self.id), allowed="words of letters and digits joined by '-'"
            )
        if self.page not in PAGES:
            raise UnknownNameError("page", self.page, PAGES)
        for name in ("titles", "statement_text", "assumptions"):
            texts = getattr(self, name)
            # assumptions may be left out altogether, but not in one language only
            if (texts or name != "assumptions") and not all(texts.get(key) for key in LANGUAGES):
                raise DeclarationError(
                    f"{name} of claim {self.id}", got=sorted(texts), allowed="en and zh, not empty"
                )

    @functools.cached_property
    def case(self) -> Case:
        """Statement, evidence, mistakes and values; builds them, but checks nothing."""
        return self.function()

    @functools.cached_property
    def judgement(self) -> Judgement:
        """The outcome of running all evidence on the statement and on every planted mistake."""
        texts = (self.titles, self.statement_text, self.assumptions)
        words = [" ".join(text.get(language, "") for text in texts) for language in LANGUAGES]
        return judge.judge(self.grade, self.case, words)

    @property
    def statement(self) -> Statement:
        """What is claimed, as a formula that can be checked."""
        return self.case.statement

    @property
    def values(self) -> Mapping[str, Value]:
        """The numbers and formulas that pages may quote, by name."""
        return self.case.values

    @property
    def answer(self) -> Answer | None:
        """The answer to the exercise that this claim belongs to, if it belongs to one."""
        return self.case.answer

    @property
    def status(self) -> Status:
        """passed, failed or inconclusive; runs the evidence."""
        return self.judgement.status

    @property
    def evidence(self) -> Report:
        """The rows of the evidence; runs it."""
        return self.judgement.report

    @property
    def mistakes(self) -> tuple[judge.Trial, ...]:
        """The planted mistakes and how each fared; runs the evidence on them."""
        return self.judgement.trials

    @property
    def source(self) -> tuple[str, int]:
        """File, relative to the package's parent, and line of the claim's function."""
        function = inspect.unwrap(self.function)
        file = Path(inspect.getsourcefile(function) or function.__code__.co_filename)
        root = Path(__file__).resolve().parents[2]
        try:
            shown = file.resolve().relative_to(root).as_posix()
        except ValueError:  # a claim declared outside the package
            shown = file.name
        return shown, function.__code__.co_firstlineno

    def value(self, name: str) -> Value:
        """One quotable value; an unknown name raises `UnknownNameError` with the nearest."""
        if name not in self.values:
            raise UnknownNameError(f"value of claim {self.id}", name, self.values)
        return self.values[name]

    def passport(self, *, duration: bool = True) -> dict[str, Any]:
        """Everything known about the claim as plain values; runs the evidence.

        Without `duration` two runs on one machine give equal passports.
        """
        from gradmath.claims.passport import passport

        return passport(self, duration=duration)

    def verify(self) -> Report:
        """The claim as a report: its evidence, its planted mistakes, and its verdict."""
        return judge.as_report(self.id, self.judgement)

    def __repr__(self) -> str:
        return f"<claim {self.id} ({self.grade}): {self.statement_text['en']}>"


__all__ = ["LANGUAGES", "PAGES", "Case", "Claim", "Mistake", "claim"]


def claim(
    id: str,
    *,
    page: str,
    grade: Grade,
    titles: Mapping[str, str],
    statement_text: Mapping[str, str],
    assumptions: Mapping[str, str] | None = None,
    references: Sequence[str] = (),
) -> Callable[[Callable[[], Case]], Claim]:
    """Declare the decorated function to be a claim and register it.

    Raises `DeclarationError` at import for an id that is taken or malformed, or for a text that is
    missing in a language.
    """

    def declare(function: Callable[[], Case]) -> Claim:
        made = Claim(
            id, page, grade, titles, statement_text, assumptions or {}, tuple(references), function
        )
        register(made)
        return made

    return declare
