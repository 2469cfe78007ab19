"""The comparison of remedies: its settings are what it says, and each arm changes one thing."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import remedies, ten_digits
from gradmath.dynamics.remedies import ARMS, SETTINGS, arranged, first_parameters, habit, network
from gradmath.errors import UnknownNameError, ValueRangeError

SHORT = {"updates": 6, "records": 3}


@pytest.fixture
def short(monkeypatch):
    """The same settings with a handful of updates."""
    from dataclasses import replace

    settings = {name: replace(one, **SHORT) for name, one in SETTINGS.items()}
    monkeypatch.setattr(remedies, "SETTINGS", settings)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_runs_in_every_setting(short, setting, arm):
    run = remedies.run(setting, arm, seed=1)
    assert run.at == (0, 3, 6)
    assert run.signal.shape == (3, 6)
    assert np.isfinite(run.loss[0])
    assert run.accuracy.shape == (3,)


@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_changes_what_it_names_and_no_more(arm):
    base, changed = SETTINGS["vanishing"], arranged("vanishing", arm)
    different = {f.name for f in fields(base) if getattr(base, f.name) != getattr(changed, f.name)}
    assert different == set(ARMS[arm].changes)
    pairs = ("matching-loss", "tanh-xavier", "relu-he")  # a matching loss has an output of its own
    assert len(different) <= (3 if arm == "residual-matching" else 2 if arm in pairs else 1)
    assert set(ARMS[arm].titles) == {"en", "zh"}


def test_the_networks_are_those_described():
    net = network(arranged("vanishing", "residual"))
    assert [layer.size for layer in net.layers] == [32] * 5 + [10]
    assert [layer.residual for layer in net.layers] == [False, *[True] * 4, False]
    assert network(SETTINGS["vanishing"]).loss.name == "squared_error"
    assert network(SETTINGS["exploding"]).loss.name == "softmax_cross_entropy"
    assert network(arranged("vanishing", "matching-loss")).layers[-1].activation.name == "identity"


def test_the_starts_have_the_spread_they_state():
    net, data = network(SETTINGS["vanishing"]), ten_digits()
    for name, size in (("W1", 64), ("W3", 32)):
        drawn = habit(net, seed=0)[name]
        assert abs(drawn).max() <= size**-0.5
        assert drawn.var() == pytest.approx(1 / (3 * size), rel=0.1)
        large = first_parameters(SETTINGS["exploding"], net, data, 0)[name]
        assert large.std() == pytest.approx(3 * size**-0.5, rel=0.1)
    drawn = first_parameters(arranged("vanishing", "he"), net, data, 5)
    np.testing.assert_array_equal(drawn["W2"], net.init(seed=5, scheme="he")["W2"])


def test_the_first_gradient_by_hand():
    """One update of the run without a remedy, from its start and its order of images."""
    from gradmath.dynamics.training import Plan, train

    data, chosen = ten_digits(), SETTINGS["vanishing"]
    net = network(chosen)
    start = habit(net, seed=2)
    order = np.random.Generator(np.random.PCG64(1002)).permutation(len(data.x))[:64]
    y = np.eye(10)[data.digit[order]]
    _, grads = gm.compile(gm.derive(net))(start, data.x[order], y)
    run = train(net, start, data, Plan(step=0.5, updates=1, batch=64, seed=1002))
    np.testing.assert_array_equal(run.params["W6"], start["W6"] - 0.5 * grads["W6"])


def test_an_outcome_stacks_the_seeds(short, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADMATH_CACHE", str(tmp_path))
    found = remedies.outcome("vanishing", "relu", seeds=2)
    assert found.signal.shape == found.weight_gradient.shape == (2, 3, 6)
    assert found.loss.shape == found.accuracy.shape == found.reach.shape == (2, 3)
    assert found.batch_loss.shape == (2, 6)
    one = remedies.run("vanishing", "relu", 1)
    assert found.signal[1].tolist() == one.signal.tolist()
    assert found.final_accuracy[1] == one.final_accuracy
    assert found.stopped == (None, None)
    np.testing.assert_allclose(found.reach[1], one.signal[:, 0] / one.signal[:, -1])
    with pytest.raises(ValueError, match="read-only"):
        found.loss[0] = 1


def test_unknown_names_are_answered():
    with pytest.raises(UnknownNameError, match="did you mean 'vanishing'"):
        remedies.outcome("vanish", "none")
    with pytest.raises(UnknownNameError, match="did you mean 'clip-norm'"):
        remedies.outcome("vanishing", "clip_norm")
    with pytest.raises(ValueRangeError, match="seeds: got 0"):
        remedies.outcome("vanishing", "none", seeds=0)
    with pytest.raises(ValueRangeError, match="seed: got -1"):
        remedies.run("vanishing", "none", -1)
