"""What can be verified, and by which check.

Subjects are told apart by what they offer, not by their class, so that this room needs no import
of what it judges: a derivation has `steps` and `equations`, a kernel has a `derivation` and can be
called, a callable catalogue entry has an `entry`, a claim has `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gradmath.errors import ArgumentTypeError
from gradmath.verify import (
    clips,
    losses,
    named,
    named_kernels,
    network_lines,
    networks,
    scalars,
)
from gradmath.verify.report import Report, Row

Provider = Callable[[], Iterable[object]]

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add to what `verify()` without a subject checks: `provider` returns subjects when asked."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def everything() -> Iterator[object]:
    """All registered subjects."""
    for provider in _providers:
        yield from provider()


def report(subject: object) -> Report:
    """Verify one subject; see `gradmath.verify.verify`."""
    title = _title(subject)
    own = getattr(subject, "verify", None)
    if isinstance(subject, Report):
        return subject
    if callable(own):
        found = own()
        if isinstance(found, Report):
            return found
        raise ArgumentTypeError("subject", got=f"{title}.verify() -> {type(found).__name__}",
                                allowed="a verify() that returns a Report")  # fmt: skip
    if isinstance(subject, Mapping):
        return together(subject.values(), "all of " + type(subject).__name__)
    if isinstance(subject, list | tuple):
        return together(subject, f"{len(subject)} subjects")
    for fits, rows in _CHECKS:
        if fits(subject):
            return Report(rows(subject), title)
    raise ArgumentTypeError(
        "subject",
        got=repr(subject)[:80],
        allowed="a derivation, a kernel, a catalogue entry, a claim, a list of these, or nothing",
    )


def _title(subject: object) -> str:
    """The subject's name, or how it writes itself; never a place in memory."""
    for attribute in ("id", "name", "__name__"):
        name = getattr(subject, attribute, "")
        if isinstance(name, str) and name:
            return name
    shown = repr(subject)
    return type(subject).__name__ if " at 0x" in shown else shown


def together(subjects: Iterable[object], title: str) -> Report:
    """The rows of several subjects, each named after its own."""
    rows: list[Row] = []
    for subject in subjects:
        part = report(subject)
        prefix = f"{part.title}: " if part.title else ""
        rows += part.renamed(prefix).rows
        if not part.rows:
            rows.append(part.empty_row())
    return Report(rows, title)


def _is_kernel(subject: Any) -> bool:
    return callable(subject) and hasattr(subject, "derivation")


def _is_derivation(subject: Any) -> bool:
    return hasattr(subject, "steps") and hasattr(subject, "equations")


def _of_kind(kind: str) -> Callable[[Any], bool]:
    return lambda s: callable(s) and getattr(getattr(s, "entry", None), "kind", None) == kind


def _is_declaration(subject: Any) -> bool:
    return hasattr(subject, "partial") and hasattr(subject, "kinks")


def _loss_rows(function: Any) -> list[Any]:
    whole = hasattr(function.entry, "instance")
    return losses.vector_loss_rows(function) if whole else losses.loss_rows(function)


_CHECKS: tuple[tuple[Callable[[Any], bool], Callable[[Any], list[Any]]], ...] = (
    (lambda s: _is_kernel(s) and hasattr(s, "network"), networks.kernel_rows),
    (_is_kernel, named_kernels.kernel_rows),
    (lambda s: _is_derivation(s) and hasattr(s, "network"), network_lines.derivation_rows),
    (_is_derivation, named.derivation_rows),
    (_of_kind("activation"), scalars.entry_rows),
    (_of_kind("loss"), _loss_rows),
    (_of_kind("penalty"), losses.penalty_rows),
    (_of_kind("clip"), clips.clip_rows),
    (_is_declaration, scalars.declaration_rows),
)
