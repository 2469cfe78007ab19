"""Ties: the entries of a claim must be those of one subgradient, not each by itself."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm

THREE = {"x": (3,)}


def winner(x):
    return (np.arange(len(x)) == np.argmax(x)) * 1.0


def shared(x):
    return (x == np.max(x)) / np.sum(x == np.max(x))


def pooled(x):
    return x.reshape(2, 2, 2, 2).max(axis=(1, 3)).sum()


def pooled_gradient(x, count_all=False):
    made = np.zeros_like(x)
    for i in range(0, 4, 2):
        for j in range(0, 4, 2):
            window = x[i : i + 2, j : j + 2]
            if count_all:
                made[i : i + 2, j : j + 2] = window == np.max(window)
            else:
                row, column = np.unravel_index(np.argmax(window), (2, 2))
                made[i + row, j + column] = 1.0
    return made


def smaller_of(x, y):
    return np.sum(np.minimum(x, y))


RIGHT = [
    (np.max, winner, "x", THREE),
    (np.max, shared, "x", THREE),
    (lambda x: np.sum(np.maximum(x, 0)), lambda x: 1.0 * (x >= 0), "x", THREE),
    (lambda x: np.sum(np.abs(np.diff(x))),
     lambda x: -np.diff(np.concatenate([[0], np.sign(np.diff(x)), [0]])), "x", THREE),
    (lambda x: np.sum(np.sort(x) * np.arange(3)),
     lambda x: 1.0 * np.argsort(np.argsort(x)), "x", THREE),
    (smaller_of, lambda x, y: (1.0 * (x <= y), 1.0 * (x > y)), ["x", "y"],
     {"x": (2,), "y": (2,)}),
    (pooled, pooled_gradient, "x", {"x": (4, 4)}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "gradient", "wrt", "shapes"), RIGHT)
def test_one_of_those_that_tie_may_win_or_all_share(function, gradient, wrt, shapes):
    # np.max itself takes options besides the array
    named = (lambda x: np.max(x)) if function is np.max else function
    gm.check_gradient(named, gradient, wrt, (-4, 4), shapes=shapes).require()


WRONG = [
    (lambda x: np.max(x), lambda x: 1.0 * (x == np.max(x)), "x", THREE),
    (lambda x: np.max(x), lambda x: winner(x) * (np.sum(x == np.max(x)) == 1), "x", THREE),
    (smaller_of, lambda x, y: (1.0 * (x <= y), 1.0 * (x >= y)), ["x", "y"],
     {"x": (2,), "y": (2,)}),
    (pooled, lambda x: pooled_gradient(x, count_all=True), "x", {"x": (4, 4)}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "gradient", "wrt", "shapes"), WRONG)
def test_all_of_those_that_tie_may_not_count_in_full_or_not_at_all(function, gradient, wrt, shapes):
    report = gm.check_gradient(function, gradient, wrt, (-4, 4), shapes=shapes)
    assert report.status == "inconclusive"
    assert any("no subgradient" in row.note for row in report.rows)


def test_sides_that_differ_by_more_than_the_comparisons_say_show_nothing():
    def guarded(x):
        return np.linalg.norm(x) if np.sum(x**2) > 0 else np.sum(x**2)

    def gradient(x):
        return x / np.linalg.norm(x) if np.sum(x**2) > 0 else 0 * x

    gm.check_gradient(guarded, gradient, "x", (-2, 2), shapes=THREE).require()
