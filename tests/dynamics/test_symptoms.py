"""The trainings that go wrong, and the network that must remember: what they are said to be."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import Plan, profile, ten_digits, train
from gradmath.dynamics.memory import descend, first, remember, spread, summed, unrolled
from gradmath.dynamics.symptoms import (
    ORDER,
    SYMPTOMS,
    carried_out,
    diagnosed,
    least,
    objective,
    outcome,
    trial,
)
from gradmath.dynamics.threads import single_thread
from gradmath.errors import UnknownNameError, ValueRangeError


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADMATH_CACHE", str(tmp_path))


def changed(one, other):
    return {f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)}


@pytest.mark.parametrize("name", SYMPTOMS)
def test_the_mended_training_differs_by_the_remedy_alone(name):
    sick, mended = SYMPTOMS[name].sick, SYMPTOMS[name].mended
    remedy = {
        "early layers flat": {"activation", "start"},
        "flat at the start": {"start"},
    }
    assert changed(sick, mended) == remedy.get(name, {"plan"})
    if changed(sick, mended) == {"plan"}:
        assert len(changed(sick.plan, mended.plan)) == 1


def test_the_order_mends_one_thing_at_a_time():
    stages = list(ORDER.values())
    for before, after in itertools.pairwise(stages):
        assert len(changed(before, after)) == 1
    assert list(ORDER) == ["as found", "data scale", "initialisation", "activation", "step"]


def test_a_trial_is_what_it_says():
    found = trial("flat at the start", "sick")
    assert [layer.size for layer in found.network.layers] == [32, 10]
    assert found.network.layers[-1].activation.name == "sigmoid"
    assert found.first["W1"].std() == pytest.approx(100 / 8, rel=0.1)
    assert ORDER["as found"].data.x.max() == 255
    assert trial("jagged", "sick").network.loss.name == "softmax_cross_entropy"


def test_an_outcome_is_a_training_and_is_kept():
    short = replace(trial("jagged", "mended"), plan=Plan(0.25, 4))
    run = carried_out(short)
    with single_thread():  # as what is kept is computed
        again = train(short.network, short.first, ten_digits(), short.plan)
    assert run.batch_loss.tolist() == again.batch_loss.tolist()
    assert carried_out(short).batch_loss.tolist() == run.batch_loss.tolist()


def test_half_precision_gradients_are_rounded_and_scaled():
    net = gm.Network(64, [gm.Dense(10)], loss="softmax_cross_entropy")
    start = net.init(seed=0)
    data = ten_digits()
    _, grads = gm.compile(gm.derive(net))(start, data.x, data.digit)
    for scale in (1.0, 2.0**-12, 2.0**6):
        plan = Plan(1.0, 1, half=True, loss_scale=scale)
        moved = start["W1"] - train(net, start, data, plan).params["W1"]
        expected = np.float16(grads["W1"] * scale).astype(float) / scale
        np.testing.assert_allclose(moved, expected, rtol=0, atol=1e-15)
    assert not np.array_equal(expected, grads["W1"])
    with pytest.raises(ValueRangeError, match="loss_scale: got 0"):
        Plan(1.0, 1, loss_scale=0.0)


def test_the_objective_and_its_least():
    chosen = trial("flat at the end", "sick")
    params = {k: np.zeros(s) for k, s in chosen.network.shapes.items()}
    value, gradient = objective(chosen, params)
    assert value == pytest.approx(np.log(10), rel=1e-14)
    params["W1"] = np.full((10, 64), 0.1)
    value, gradient = objective(chosen, params)
    h = 1e-6
    for at in ((0, 20), (7, 36)):
        moved = {**params, "W1": params["W1"].copy()}
        moved["W1"][at] += h
        slope = (objective(chosen, moved)[0] - value) / h
        assert slope == pytest.approx(gradient["W1"][at], abs=1e-5)
    smallest, size = least("flat at the end")
    assert size < 1e-6
    rng = np.random.Generator(np.random.PCG64(0))
    for _ in range(5):
        near = {k: rng.normal(size=v.shape) * 0.3 for k, v in params.items()}
        assert objective(chosen, near)[0] > smallest


def test_a_diagnosis_looks_at_the_start_or_the_end():
    assert diagnosed(trial("flat at the start", "sick")).verdict == "saturated"
    done = diagnosed(trial("dead units", "sick"), end=True)
    assert done.dead[1] == 1
    assert "dead units" in [one.verdict for one in done.findings]


def test_sharing_a_matrix_sums_its_gradients():
    """By a difference of the loss in the shared matrix itself."""
    lag, data = 3, ten_digits()
    params = first(lag, "uniform", seed=1)
    kernel = gm.compile(gm.derive(unrolled(lag)))
    x, digit = data.x[:20], data.digit[:20]
    shared = {k: params[k] for k in ("W1", "b1", "W2", "b2")}
    shared |= {"W3": params["W5"], "b3": params["b5"]}
    _, grads = kernel(params, x, digit)
    found = summed(grads, lag)
    for name, at in (("W2", (3, 4)), ("b2", (5,)), ("W1", (2, 20)), ("W3", (1, 1))):
        values = []
        for h in (1e-5, -1e-5):
            moved = {k: v.copy() for k, v in shared.items()}
            moved[name][at] += h
            values.append(float(kernel(spread(moved, lag), x, digit)[0]))
        assert (values[0] - values[1]) / 2e-5 == pytest.approx(found[name][at], rel=1e-6, abs=1e-9)


def test_an_update_is_clipped_to_norm_one():
    now, change = {"W": np.zeros(2)}, {"W": np.array([30.0, 40.0])}
    descend(now, change)
    assert now["W"].tolist() == pytest.approx([-0.06, -0.08])
    descend(now := {"W": np.zeros(2)}, {"W": np.array([0.3, 0.4])})
    assert now["W"].tolist() == pytest.approx([-0.03, -0.04])


def test_remembering():
    found = remember(2)
    assert found.signal.shape == (4,)
    assert found.batch_loss.shape == (200,)
    data = ten_digits()
    before = profile(unrolled(2), first(2, "uniform", 0), data.x[:250], data.digit[:250])
    assert found.reach == before.rms_signal[0] / before.rms_signal[2]
    orthogonal = first(4, "orthogonal", 0)["W3"]
    np.testing.assert_allclose(orthogonal @ orthogonal.T, np.eye(16), atol=1e-14)


def test_unknown_names_are_answered():
    with pytest.raises(UnknownNameError, match="did you mean 'jagged'"):
        outcome("jaged", "sick")
    with pytest.raises(UnknownNameError, match="which: got 'well'"):
        trial("jagged", "well")
    with pytest.raises(ValueRangeError, match="lag: got 0"):
        remember(0)
    with pytest.raises(UnknownNameError, match="start: got 'orthogonl'"):
        remember(2, "orthogonl")
