"""Verifying subjects over the cores with a progress bar."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from gradmath.checking.listing import subjects
from gradmath.checking.outcome import Outcome, check
from gradmath.claims.passport import versions
from gradmath.errors import UnknownNameError, ValueRangeError


def run_checks(
    ids: Sequence[str],
    json_file: Path | None = None,
    say: Callable[[str], None] = print,
    workers: int | None = None,
) -> bool:
    """Verify these subjects (none: all of them), say how it went, and whether all passed.

    Raises UnknownNameError for an id that is not a subject, before anything is run.
    """
    known = subjects()
    for wanted in ids:
        if wanted not in known:
            raise UnknownNameError("id", wanted, known)
    if json_file is not None:
        _check_writable(json_file)
    chosen = list(dict.fromkeys(ids)) or list(known)
    start = time.perf_counter()
    found = {outcome.id: outcome for outcome in _progress(_outcomes(chosen, workers), len(chosen))}
    outcomes = [found[name] for name in chosen]
    for outcome in outcomes:
        for line in outcome.problems:
            say(line)
    counts = dict.fromkeys(("passed", "failed", "inconclusive"), 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    shown = ", ".join(f"{number} {status}" for status, number in counts.items())
    say(f"{shown} in {time.perf_counter() - start:.1f} s")
    if json_file is not None:
        _write(json_file, outcomes)
    return counts["passed"] == len(chosen)


def _outcomes(ids: Sequence[str], workers: int | None) -> Iterator[Outcome]:
    count = min(workers or os.cpu_count() or 1, len(ids))
    if count == 1:
        yield from map(check, ids)
        return
    # Fresh processes: a fork would copy the locks of the libraries' threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context)
    try:
        for future in as_completed([pool.submit(check, name) for name in ids]):
            yield future.result()
    finally:
        # On Ctrl-C nothing more is started and nobody waits for the rest.
        pool.shutdown(wait=False, cancel_futures=True)


def _progress(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("verifying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("verify", total=total, last="")
        for outcome in outcomes:
            progress.update(task, advance=1, last=outcome.id)
            yield outcome


def _check_writable(path: Path) -> None:
    """Refuse a file that cannot be written, before anything is run."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise ValueRangeError(
            "json", got=f"{path}: {error.strerror}", allowed="a file that can be written"
        ) from None


def _write(path: Path, outcomes: Sequence[Outcome]) -> None:
    whole = {
        "versions": dict(versions()),
        "subjects": [
            {
                "id": outcome.id,
                "status": outcome.status,
                "seconds": round(outcome.seconds, 3),
                "report": outcome.report,
                "passport": outcome.passport,
            }
            for outcome in outcomes
        ],
    }
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
