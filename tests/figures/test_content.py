"""The figures show what their captions say."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from gradmath import figures
from gradmath.catalogue.applied import explicit
from gradmath.claims.derivations import DERIVATIONS
from gradmath.figures import chain_rule, edge, edge_phase, errata, home, neuron


def number(id: str, name: str) -> float:
    return float(figures.values(id)[name].value)


@pytest.mark.parametrize(("weight", "factor"), [(2, "1/2"), (4, "1"), (8, "2")])
def test_each_layer_multiplies_by_a_quarter_of_the_weight(weight, factor):
    (chain,) = [chain for chain in home.chains() if chain.weight == weight]
    assert chain.ratio == sympy.Rational(factor) == sympy.Rational(weight, 4)
    expected = 0.25 * (weight / 4.0) ** np.arange(50)
    np.testing.assert_array_equal(chain.norms, expected)
    assert figures.values("one-dial")[f"factor_{weight}"].plain == factor


def test_a_chain_of_uneven_ratios_is_no_dial():
    with pytest.raises(ValueError, match="unpack"):
        _ = home.Chain(2, np.array([1.0, 0.5, 0.3])).ratio


def test_the_interval_obeys_the_chain_rule_up_to_curvature():
    width_in, width_out = (number("composition", name) for name in ("width_x", "width_a"))
    product = number("composition", "product")
    assert width_out == pytest.approx(product * width_in, rel=0.02)
    assert product == pytest.approx(3 * number("composition", "slope"))


def test_the_graph_has_every_local_derivative_and_ends_at_the_gradient():
    derivation, graph = DERIVATIONS["two-layer"](), chain_rule.graph()
    local = {(s.by, s.of): s.expression for s in derivation.steps if s.kind == "local"}
    drawn = {(e.start, e.end): e.formula for e in graph.edges if e.formula is not None}
    assert drawn == local
    numbers = {derivation.symbols[name]: value for name, value in graph.numbers.items()}
    for name in derivation.wrt:
        assert graph.adjoints[name] == explicit(derivation.gradient[name]).subs(numbers)
    assert {n: str(graph.adjoints[n]) for n in derivation.wrt} == {
        "w2": "-1/8", "b2": "-1/4", "w1": "-1/16", "b1": "-1/8", "x": "-1/4",
    }  # fmt: skip
    assert set(chain_rule._PLACES) == set(graph.numbers)


def test_the_matrices_differ_in_sign():
    data = chain_rule.matrices()
    assert (data.loss > 0).all()
    inked = np.any(data.gradient != 0, axis=1)
    np.testing.assert_array_equal(
        np.sign(data.gradient), np.where(np.eye(10) == 1, -1, 1) * inked[:, None]
    )
    assert 0 < inked.sum() < 10  # the caption speaks of rows of zeros
    assert number("loss-and-gradient-matrices", "zero") == 10 * (10 - inked.sum())


def test_the_published_update_climbs_and_the_right_one_does_not():
    right, published = errata.runs("0 against 1")
    assert published.loss[-1] > published.loss[0] > right.loss[-1]
    assert number("published-update", "rest_published") < number("published-update", "rest_start")
    assert number("published-update", "published") == published.loss[-1]


def test_the_path_crosses_a_terrace_and_ends_in_the_valley():
    run = neuron.path()
    assert run.rises == 0
    assert number("loss-surface", "slow") > run.steps / 2
    assert run.loss[-1] < 0.03
    low, high = (np.array([neuron.W_RANGE[k], neuron.B_RANGE[k]]) for k in (0, 1))
    way = np.column_stack([run.w[:, 0], run.b])
    assert (way > low).all()
    assert (way < high).all()
    _, _, height = neuron.surface(33, 25)
    assert height.min() >= 0
    assert height.max() < 0.99  # the colour scale ends there


def test_the_record_is_what_the_caption_promises():
    small, middle, large = neuron.records()
    bound = number("convergence", "bound")
    assert small.step < middle.step < bound < large.step
    assert (small.rises, middle.rises) == (0, 0)
    assert large.loss[1] < large.loss[0] < large.loss[2]
    assert large.loss[2] == large.loss.max()
    assert large.loss[-1] < middle.loss[-1] < small.loss[-1]


def test_half_of_the_sigmoids_climb_is_in_the_shaded_band():
    half = number("sigmoid-and-slope", "half")
    assert 1 / (1 + np.exp(-half)) == pytest.approx(0.75, rel=1e-15)
    assert number("sigmoid-and-slope", "peak") == 0.25


def test_one_start_fades_one_stays_and_one_explodes():
    ends = {name: (forward[-1], back[0]) for name, (forward, back) in edge.starts().items()}
    assert max(ends["low"]) < 1e-3
    assert 0.2 < min(ends["right"]) < max(ends["right"]) < 5
    assert min(ends["high"]) > 1e3
    # a factor of 2 in thirty layers of ReLU, whatever the draw: exact but for rounding
    ratio = edge.starts()["high"][0][-1] / edge.starts()["low"][0][-1]
    assert ratio == pytest.approx(2.0**edge.DEPTH)


def test_the_phases_agree_with_the_claim_on_the_edge():
    weight, bias, log_chi = edge_phase.phases()
    inside = (bias > 0.04) & (bias < 0.06)
    critical = edge_phase.critical_place()
    assert (log_chi[inside & (weight < critical - 0.2)] < 0).all()
    assert (log_chi[inside & (weight > critical + 0.2)] > 0).all()
    line = np.interp(0.05, *reversed(edge_phase.critical_line()))
    assert line == pytest.approx(critical, abs=0.01)


def test_deep_networks_are_trained_near_the_edge_alone():
    run = edge_phase.trained()
    deep = run.accuracy[list(run.depths).index(40)]
    near = int(np.argmin(np.abs(run.weights - edge_phase.critical_place())))
    assert deep[near] > 0.6
    assert max(deep[0], deep[1]) < 0.3
    assert deep[-1] < deep[near] - 0.2
    assert number("phase-diagram", "deepest") >= 30


def test_isometry_is_for_tanh_with_orthogonal_weights():
    found = edge.spectra()
    spread = {name: values[0] / values[-len(values) // 3] for name, values in found.items()}
    assert spread["tanh, orthogonal"] < 5
    assert min(spread[name] for name in spread if name != "tanh, orthogonal") > 1e3
