"""Verifying subjects over the cores with a progress bar."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from gradmath.checking import kept, pool
from gradmath.checking.listing import subjects
from gradmath.checking.outcome import Outcome
from gradmath.checking.output import check_writable, write
from gradmath.dynamics import cache
from gradmath.errors import UnknownNameError
from gradmath.verify import PASSED

#: Subjects that take long, the longest first: what to start with where no duration is known yet.
LONG = (
    "trained-depth",
    "remedies-against-vanishing",
    "gallery-our-verdicts",
    "remedies-against-exploding",
    "gain-table",
    "layernorm-gradient-orthogonal",
    "mistakes-in-rectangular-network",
    "mistakes-in-classifying-network",
    "mean-field-on-real-widths",
    "descent-small-step",
    "sigmoid-mean-field-ratio",
    "bend-ranges",
    "stable-forms-gelu_tanh",
    "reverse-cost-linear",
    "gaussian-means",
    "published-update-on-digits",
    "softmax_cross_entropy",
    "exercise-chain-rule-proof",
)


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with one line that says how far things had come."""


def run_checks(
    ids: Sequence[str],
    json_file: Path | None = None,
    say: Callable[[str], None] = print,
    workers: int | None = None,
    fresh: bool = False,
) -> bool:
    """Verify these subjects (none: all of them), say how it went, and whether all passed.

    What passed before, with the same source and the same versions, is read back and not run again,
    unless `fresh`.  Raises UnknownNameError for an id that is not a subject, before anything is
    run, and Stopped on Ctrl-C; a file is then left as it was.
    """
    known = subjects()
    for wanted in ids:
        if wanted not in known:
            raise UnknownNameError("id", wanted, known)
    if json_file is not None:
        check_writable(json_file)
    chosen = list(dict.fromkeys(ids)) or list(known)
    start = time.perf_counter()
    found: dict[str, Outcome] = {}
    try:
        with closing(_outcomes(chosen, workers, fresh)) as stream:
            for outcome in _progress(stream, len(chosen)):
                found[outcome.id] = outcome
        outcomes = [found[name] for name in chosen]
        if json_file is not None:
            write(json_file, outcomes)
    except KeyboardInterrupt:
        raise Stopped(_stopped(found, len(chosen))) from None
    finally:
        kept.remember_durations({o.id: o.seconds for o in found.values() if not o.cached})
    for outcome in outcomes:
        for line in outcome.problems:
            say(line)
    say(_summary(outcomes, time.perf_counter() - start))
    return all(outcome.status == PASSED for outcome in outcomes)


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    counts = dict.fromkeys(("passed", "failed", "inconclusive"), 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    shown = ", ".join(f"{number} {status}" for status, number in counts.items())
    cached = sum(outcome.cached for outcome in outcomes)
    return f"{shown} in {seconds:.1f} s ({cached} from the cache)"


def _stopped(found: dict[str, Outcome], total: int) -> str:
    failed = sum(outcome.status != PASSED for outcome in found.values())
    return f"stopped: {len(found)} of {total} done, {failed or 'none'} failed"


def _outcomes(ids: Sequence[str], workers: int | None, fresh: bool) -> Generator[Outcome]:
    # before any worker is started: each keeps only what the source of this moment gave
    source = cache.source_hash_now()
    left = []
    for id in ids:
        outcome = None if fresh else kept.recall(id)
        if outcome is None:
            left.append(id)
        else:
            yield outcome
    yield from pool.run(_longest_first(left), min(workers or _cores(), len(left)), source)


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _longest_first(ids: Sequence[str]) -> list[str]:
    """The long ones first, so that the last worker does not end long after the others.

    By how long each took when it was last checked; those never checked stand before, the ones
    known to be long at their head.
    """
    known = kept.durations()
    place = {id: n for n, id in enumerate(reversed(LONG))}
    return sorted(
        ids, key=lambda id: (id in known, -known.get(id, 0.0), -place.get(id, -1))
    )  # fmt: skip


def _progress(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("verify", total=total, last="")
        for outcome in outcomes:
            progress.update(task, advance=1, last=outcome.id)
            yield outcome
