"""Running many: what is said, what is read back, Ctrl-C, and workers that die."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradmath.checking import kept, pool, run, run_checks, subjects
from gradmath.checking.outcome import Outcome
from gradmath.claims import CHECKED, claims
from gradmath.claims import registry as registry_module
from gradmath.claims.claim import claim
from gradmath.dynamics import cache
from gradmath.errors import UnknownNameError, ValueRangeError
from gradmath.verify import Row

PAIR = ["sigmoid-symmetry", "relu"]
SLOW = "descent-small-step"


def verified(ids, tmp_path=None, **options):
    lines = []
    file = None if tmp_path is None else tmp_path / "ledger.json"
    passed = run_checks(ids, file, lines.append, **options)
    return passed, lines, None if file is None else json.loads(file.read_text("utf-8"))


def test_a_second_run_is_read_back_and_says_so(tmp_path):
    passed, lines, cold = verified(PAIR, tmp_path)
    assert passed
    assert re.fullmatch(
        r"2 passed, 0 failed, 0 inconclusive in [\d.]+ s \(0 from the cache\)", *lines
    )
    _, lines, warm = verified(PAIR, tmp_path)
    assert "(2 from the cache)" in lines[0]
    for before, after in zip(*(w["claims"] + w["subjects"] for w in (cold, warm)), strict=True):
        assert (before.pop("cached"), after.pop("cached")) == (False, True)
        assert before == after
    _, lines, _ = verified(PAIR, fresh=True)
    assert "(0 from the cache)" in lines[0]
    assert set(kept.durations()) == set(PAIR)


def test_an_id_that_is_no_subject_is_refused_before_anything_is_run(folder):
    with pytest.raises(UnknownNameError, match="relu"):
        run_checks(["relu", "reluu"])
    assert not folder.exists()


def test_a_subject_of_the_running_program_is_checked_by_it_and_not_kept(monkeypatch):
    monkeypatch.setattr(registry_module, "_CLAIMS", dict(registry_module._CLAIMS))
    texts = {"en": "text", "zh": "文"}
    subjects.cache_clear()

    @claim("of-this-test", page="one-neuron", grade=CHECKED, titles=texts, statement_text=texts)
    def own():
        return claims["sigmoid-symmetry"].case

    try:
        for _ in range(2):
            passed, lines, _ = verified(["of-this-test"])
            assert passed
            assert "(0 from the cache)" in lines[0]
    finally:
        subjects.cache_clear()


def test_what_takes_long_comes_first():
    names = [*run.LONG, "relu", "sigmoid"]
    assert set(names) <= set(subjects())
    assert run._longest_first(sorted(names))[: len(run.LONG)] == list(run.LONG)
    kept.remember_durations({"relu": 9.0, "sigmoid": 1.0, **dict.fromkeys(run.LONG, 5.0)})
    ordered = run._longest_first(["unknown", *names])
    assert (ordered[0], ordered[1], ordered[-1]) == ("unknown", "relu", "sigmoid")


def test_a_worker_that_dies_is_known_by_its_subject_and_the_others_go_on():
    def kill_the_first() -> None:
        while not (found := pool.multiprocessing.active_children()):
            time.sleep(0.01)
        os.kill(found[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    first, second = pool.run([SLOW, "relu"], 1, cache.source_hash_now())
    killer.join()
    assert (first.id, first.status) == (SLOW, "inconclusive")
    assert first.problems == [
        f"{SLOW}: {SLOW} [the check]: inconclusive, the process that checked it ended (SIGKILL)"
    ]
    assert (second.id, second.status) == ("relu", "passed")
    assert kept.recall(SLOW) is None
    assert not pool.multiprocessing.active_children()


def test_what_did_not_pass_is_said_line_by_line(monkeypatch):
    row = vars(Row("part", "method", "failed", where="x = 1"))
    bad = Outcome("relu", "failed", 0.1, {"rows": [row]})
    monkeypatch.setattr(pool, "run", lambda *_: iter([bad]))
    passed, lines, _ = verified(["relu"])
    assert not passed
    assert lines[0] == "relu: part [method]: failed, at x = 1"
    assert lines[1].startswith("0 passed, 1 failed, 0 inconclusive")


# -- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "there/../.", "file/below"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_run(tmp_path, folder, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueRangeError, match="can be written"):
        run_checks(["relu"], tmp_path / name)
    assert not folder.exists()


def test_an_old_file_stays_whole_until_the_new_one_is(tmp_path, monkeypatch):
    file, link = tmp_path / "ledger.json", tmp_path / "link.json"
    file.write_text("old", "utf-8")
    link.symlink_to(file)

    def stop(*_):
        assert file.read_text("utf-8") == "old"
        raise KeyboardInterrupt
        yield

    with monkeypatch.context() as patch:
        patch.setattr(pool, "run", stop)
        with pytest.raises(run.Stopped, match="stopped: 0 of 1 done, none failed"):
            run_checks(["relu"], link)
    assert file.read_text("utf-8") == "old"
    verified(["relu"])
    run_checks(["relu"], link, lambda _: None)
    assert link.is_symlink()
    assert json.loads(file.read_text("utf-8"))["subjects"][0]["id"] == "relu"
    assert sorted(path.name for path in tmp_path.glob("*.json*")) == ["ledger.json", "link.json"]
    assert not list(tmp_path.glob(".*"))


def test_a_device_is_written_to_and_not_replaced():
    run_checks(["relu"], Path(os.devnull), lambda _: None)
    assert not Path(os.devnull).is_file()


# -- Ctrl-C -------------------------------------------------------------------------------------


def descendants(pid: int) -> dict[int, str]:
    """The commands of all processes below one, by process id."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    below: dict[int, list[tuple[int, str]]] = {}
    for line in listed.stdout.splitlines():
        child, parent, command = line.split(None, 2)
        below.setdefault(int(parent), []).append((int(child), command))
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child, command in below.get(waiting.pop(), ()):
            found[child] = command
            waiting.append(child)
    return found


def alive(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")


#: The shell's command, with a check that waits for a proof which no prover finds in minutes.
SLOW_PROGRAM = """
import sympy
from gradmath import cli
from gradmath.checking import pool
from gradmath.verify import prover

def check(id):
    x, y = sympy.symbols("x y")
    prover.attempt(sum(1 / (x + k * y**k) for k in range(1, 200)), 300.0)
    raise AssertionError("found a proof")

pool.check = check

if __name__ == "__main__":  # a worker imports this file too
    cli.main()
"""


@contextlib.contextmanager
def verifying(tmp_path: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """The command at work: two workers have each started a prover.  All processes below it."""
    program = tmp_path / "program.py"
    program.write_text(SLOW_PROGRAM, "utf-8")
    with subprocess.Popen(
        [sys.executable, str(program), "verify", "relu", "sigmoid", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # a shell without job control lets its children ignore Ctrl-C, tests among them
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        start_new_session=True,
    ) as running:
        end = time.monotonic() + 120
        while True:
            found = descendants(running.pid)
            provers = sum("gradmath.verify.prover" in command for command in found.values())
            if provers == min(2, run._cores()):
                break
            assert running.poll() is None, running.stdout.read()
            assert time.monotonic() < end, found
            time.sleep(0.1)
        try:
            yield running, set(found)
        finally:
            running.kill()


def gone(pids: set[int]) -> bool:
    """Whether all of these processes end at once: a prover left alone works on for longer."""
    end = time.monotonic() + 2
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(alive, pids))


@pytest.mark.parametrize("whom", ["the program", "its whole group"])
def test_ctrl_c_says_one_line_ends_every_process_and_leaves_no_file(tmp_path, whom):
    target = tmp_path / "out"
    target.mkdir()
    with verifying(tmp_path, "--json", str(target / "ledger.json")) as (program, below):
        if whom == "the program":
            program.send_signal(signal.SIGINT)
        else:
            os.killpg(program.pid, signal.SIGINT)
        said, _ = program.communicate(timeout=30)
        assert program.returncode == 130
        assert said == "stopped: 0 of 2 done, none failed\n"
        assert gone(below)
        assert list(target.iterdir()) == []


def test_a_program_that_is_killed_outright_leaves_no_process_either(tmp_path):
    with verifying(tmp_path) as (program, below):
        program.kill()
        assert gone(below)
