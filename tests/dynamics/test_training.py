"""Training: the same numbers every time, and those of the rule written out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import Plan, accuracy, lsuv, pretrained, profile, ten_digits, train
from gradmath.dynamics.starts import forward
from gradmath.errors import ArgumentTypeError, ShapeError, UnknownNameError, ValueRangeError

DATA = ten_digits()
NET = gm.Network(64, [gm.Dense(8, gm.tanh), gm.Dense(10)], loss=gm.softmax_cross_entropy)
SQUARED = gm.Network(64, [gm.Dense(8, gm.sigmoid), gm.Dense(10, gm.sigmoid)])
START = NET.init(seed=3)


def test_the_split_is_fixed_and_clean():
    again = ten_digits()
    np.testing.assert_array_equal(again.x, DATA.x)
    assert (len(DATA.x), len(DATA.test_x)) == (1300, 497)
    assert sorted(np.unique(DATA.test_digit)) == list(range(10))
    whole = np.concatenate([DATA.x, DATA.test_x])
    pixels = {row.tobytes() for row in whole}
    assert not {row.tobytes() for row in DATA.x} & {row.tobytes() for row in DATA.test_x}
    assert len(pixels) == 1797
    assert not np.array_equal(ten_digits(seed=1).test_digit, DATA.test_digit)
    for test in (0, 1797):
        with pytest.raises(ValueRangeError, match="test: got"):
            ten_digits(test=test)


def by_hand(x, digit, params, plan):
    """The same training of NET, written out once more with nothing of gradmath in it."""
    p = {k: v.copy() for k, v in params.items()}
    rng, order, losses = np.random.Generator(np.random.PCG64(plan.seed)), [], []
    for _ in range(plan.updates):
        if plan.batch is None:
            index = np.arange(len(x))
        else:
            if len(order) < plan.batch:
                order = rng.permutation(len(x))
            index, order = order[: plan.batch], order[plan.batch :]
        a0, y = x[index], np.eye(10)[digit[index]]
        a1 = np.tanh(a0 @ p["W1"].T + p["b1"])
        z2 = a1 @ p["W2"].T + p["b2"]
        e = np.exp(z2 - z2.max(axis=1, keepdims=True))
        soft = e / e.sum(axis=1, keepdims=True)
        losses.append(-np.mean(np.sum(y * np.log(soft), axis=1)))
        d2 = (soft - y) / len(index)
        d1 = d2 @ p["W2"] * (1 - a1**2)
        g = {"W1": d1.T @ a0, "b1": d1.sum(axis=0), "W2": d2.T @ a1, "b2": d2.sum(axis=0)}
        if plan.penalty:
            kind, s = plan.penalty
            for k in ("W1", "W2"):
                g[k] = g[k] + (s * np.sign(p[k]) if kind == "l1" else s * p[k])
        if plan.clip:
            kind, c = plan.clip
            size = np.sqrt(sum((v**2).sum() for v in g.values()))
            for k in g:
                g[k] = np.clip(g[k], -c, c) if kind == "value" else g[k] * min(1, c / size)
        for k in p:
            p[k] = p[k] - plan.step * g[k]
    return losses, p


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"batch": 100},
        {"batch": 100, "clip": ("value", 0.003)},
        {"batch": 100, "clip": ("norm", 0.2)},
        {"penalty": ("l1", 0.01)},
        {"penalty": ("l2", 0.1), "clip": ("norm", 0.5), "batch": 64},
    ],
    ids=str,
)
def test_it_agrees_with_the_rule_written_by_hand(options):
    plan = Plan(step=0.4, updates=25, seed=11, **options)
    run = train(NET, START, DATA, plan)
    losses, params = by_hand(DATA.x, DATA.digit, START, plan)
    np.testing.assert_allclose(run.batch_loss, losses, rtol=1e-9)
    for name, value in params.items():
        np.testing.assert_allclose(run.params[name], value, rtol=1e-7, atol=1e-11)
    if options:
        plain = train(NET, START, DATA, Plan(step=0.4, updates=25, seed=11))
        assert not np.allclose(plain.params["W1"], run.params["W1"], rtol=1e-4)


def test_a_run_gives_the_same_numbers_every_time():
    plan = Plan(step=0.5, updates=40, batch=50, records=3, seed=2)
    one, two = (train(NET, START, DATA, plan) for _ in range(2))
    assert one.batch_loss.tobytes() == two.batch_loss.tobytes()
    assert one.params["W1"].tobytes() == two.params["W1"].tobytes()
    other = train(NET, START, DATA, Plan(step=0.5, updates=40, batch=50, seed=3))
    assert not np.allclose(one.batch_loss, other.batch_loss)


def test_records_are_profiles_at_the_stated_moments():
    plan = Plan(step=0.5, updates=20, batch=50, records=3)
    run = train(NET, START, DATA, plan)
    assert run.at == (0, 10, 20)
    y = DATA.digit[:250]
    for row, params in ((0, START), (-1, run.params)):
        found = profile(NET, params, DATA.x[:250], y)
        assert run.loss[row] == found.loss
        assert run.signal[row].tolist() == found.rms_signal.tolist()
        assert run.weight_gradient[row].tolist() == found.weight_gradient.tolist()
        assert run.accuracy[row] == accuracy(NET, params, DATA.test_x, DATA.test_digit)
    half = train(NET, START, DATA, Plan(step=0.5, updates=10, batch=50))
    assert half.loss[-1] == run.loss[1]


def test_every_image_is_seen_once_in_a_pass():
    seen = []

    from gradmath.dynamics.training import _batches

    batches = _batches(1300, Plan(step=1, updates=1, batch=100, seed=0))
    for _ in range(13):
        seen += next(batches).tolist()
    assert sorted(seen) == list(range(1300))
    assert next(_batches(7, Plan(step=1, updates=1, batch=100))).tolist().__len__() == 7


def test_it_learns_and_leaves_the_start_alone():
    before = {k: v.copy() for k, v in START.items()}
    run = train(NET, START, DATA, Plan(step=0.5, updates=200, batch=64))
    assert run.final_accuracy > 0.9
    assert run.stopped is None
    for name, value in before.items():
        np.testing.assert_array_equal(START[name], value)
    with pytest.raises(ValueError, match="read-only"):
        run.loss[0] = 0


def test_accuracy_counts_the_right_answers():
    params = {k: np.zeros(s) for k, s in NET.shapes.items()}
    params["b2"] = np.eye(10)[3]
    assert accuracy(NET, params, DATA.test_x, DATA.test_digit) == np.mean(DATA.test_digit == 3)
    params["b2"] = params["b2"] * np.nan
    assert accuracy(NET, params, DATA.test_x, DATA.test_digit) == 0


def test_a_run_that_blows_up_says_when():
    net = gm.Network(64, [gm.Dense(8), gm.Dense(10)], loss=gm.squared_error)
    run = train(net, net.init(seed=0), DATA, Plan(step=50.0, updates=60, records=4))
    assert run.stopped is not None
    assert 0 < run.stopped < 60
    assert np.isnan(run.batch_loss[run.stopped + 1 :]).all()
    assert np.isfinite(run.batch_loss[: run.stopped]).all()
    assert np.isnan(run.loss[-1])
    assert run.final_accuracy == 0


def test_unit_variance_layer_by_layer():
    net = gm.Network(64, [gm.Dense(20, gm.sigmoid), gm.Dense(15, gm.relu), gm.Dense(10)])
    params = lsuv(net, DATA.x[:100], seed=4)
    for z in forward(net, params, DATA.x[:100])[0]:
        assert z.std() == pytest.approx(1, rel=1e-12)
    orthogonal = net.init(seed=4, scheme="orthogonal")
    ratio = params["W2"] / orthogonal["W2"]
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-12)
    with pytest.raises(ValueRangeError, match="z1: got the same number"):
        lsuv(net, np.zeros((5, 64)))
    with pytest.raises(ShapeError, match="x: got shape"):
        lsuv(net, np.zeros((1, 64)))


def test_greedy_pretraining_trains_one_layer_at_a_time():
    net = gm.Network(64, [gm.Dense(9, gm.tanh)] * 3 + [gm.Dense(10)], loss="softmax_cross_entropy")
    start, plan = net.init(seed=0), Plan(step=0.5, updates=60, batch=64, seed=5)
    made = pretrained(net, start, DATA, plan)
    # the first layer is what the small network of it and the last one learns
    small = gm.Network(64, [gm.Dense(9, gm.tanh), gm.Dense(10)], loss="softmax_cross_entropy")
    first = {"W1": start["W1"], "b1": start["b1"], "W2": start["W4"], "b2": start["b4"]}
    run = train(small, first, DATA, Plan(step=0.5, updates=60, batch=64, seed=6))
    np.testing.assert_array_equal(made["W1"], run.params["W1"])
    assert set(made) == set(net.shapes)
    for name in net.shapes:
        assert not np.array_equal(made[name], start[name])
    right = accuracy(net, made, DATA.test_x, DATA.test_digit)
    assert right > accuracy(net, start, DATA.test_x, DATA.test_digit) + 0.3
    wrong = gm.Network(64, [gm.Dense(8), gm.Dense(9), gm.Dense(8), gm.Dense(10)])
    with pytest.raises(ShapeError, match="layer 2 of 9 units"):
        pretrained(wrong, wrong.init(seed=0), DATA, plan)


def test_squared_error_takes_rows_with_a_single_one():
    run = train(SQUARED, SQUARED.init(seed=0), DATA, Plan(step=1.0, updates=5))
    y = np.eye(10)[DATA.digit]
    loss, _ = gm.compile(gm.derive(SQUARED))(SQUARED.init(seed=0), DATA.x, y)
    assert run.batch_loss[0] == loss


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"step": 0.0}, ValueRangeError, "step: got 0"),
        ({"step": float("nan")}, ValueRangeError, "step: got nan"),
        ({"updates": 0}, ValueRangeError, "updates: got 0"),
        ({"records": 1}, ValueRangeError, "records: got 1"),
        ({"batch": 0}, ValueRangeError, "batch: got 0"),
        ({"clip": ("nrom", 1.0)}, UnknownNameError, "did you mean 'norm'"),
        ({"clip": ("norm", 0.0)}, ValueRangeError, "clip: got 0"),
        ({"clip": 1.0}, ArgumentTypeError, "clip: got 1.0"),
        ({"penalty": ("l3", 1.0)}, UnknownNameError, "penalty: got 'l3'"),
        ({"penalty": ("l2", float("inf"))}, ValueRangeError, "penalty: got inf"),
    ],
)
def test_a_bad_plan_is_named(change, error, words):
    with pytest.raises(error, match=words):
        Plan(**{"step": 1.0, "updates": 3} | change)


def test_a_network_for_something_else_is_refused():
    net = gm.Network(3, [gm.Dense(10)])
    with pytest.raises(ShapeError, match="net: got 3 inputs"):
        train(net, net.init(seed=0), DATA, Plan(step=1.0, updates=1))
