"""`gm.diagnose`: every column and every verdict on networks small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.dynamics import VERDICTS, Thresholds, gaussian_start
from gradmath.dynamics.slopes import largest_slope
from gradmath.errors import ArgumentTypeError, ShapeError, ValueRangeError


def chain(weight, depth=8, activation="sigmoid", bias=None):
    """One unit a layer, all weights alike; b = -w/2 keeps every sigmoid at 1/2."""
    net = gm.Network(1, [gm.Dense(1, activation)] * depth)
    bias = -weight / 2 if bias is None else bias
    return net, {k: np.full(s, weight if k[0] == "W" else bias) for k, s in net.shapes.items()}


def test_every_column_by_hand():
    """One ReLU layer of 2 units, 2 samples; W = ((1, 0), (0, -1)), b = (0, -1), target 0.

    x = (2, 1), (4, 3): z = (2, -2), (4, -4); the second unit is off at both samples.
    z2 = 3 a: 6, 12; loss (36 + 144)/2 = 90; dl_i/dz2 = 12, 24; dl_i/dz1 = (36, 0), (72, 0).
    """
    net = gm.Network(2, [gm.Dense(2, gm.relu), gm.Dense(1)])
    params = {
        "W1": [[1.0, 0.0], [0.0, -1.0]], "b1": [0.0, -1.0], "W2": [[3.0, 5.0]], "b2": [0.0],
    }  # fmt: skip
    found = gm.diagnose(net, params, [[2.0, 1.0], [4.0, 3.0]], [[0.0], [0.0]], step=0.5)
    assert found.loss == 90
    assert (found.depth, found.samples, found.dtype) == (2, 2, "float64")
    # the mean over the samples: dW2 = (12*2 + 24*4)/2, 0; dW1 = first row (36 x + 72 x')/2
    assert found.gradient_norm[1] == 60
    assert found.gradient_norm[0] == pytest.approx(np.hypot(180, 126), rel=1e-15)
    assert found.bias_gradient_norm.tolist() == [54, 18]
    assert found.weight_norm.tolist() == pytest.approx([np.sqrt(2), np.sqrt(34)], rel=1e-15)
    assert found.update_ratio[1] == pytest.approx(0.5 * 60 / np.sqrt(34), rel=1e-15)
    assert found.signal.tolist() == pytest.approx(
        [np.sqrt((36**2 + 72**2) / 2), np.sqrt((12**2 + 24**2) / 2)], rel=1e-15
    )
    assert found.saturated.tolist() == [0.5, 0.0]
    assert found.dead.tolist() == [0.5, 0.0]
    assert found.zero.tolist() == [0.5, 0.5]
    assert found.lost_in_half.tolist() == [0, 0]
    assert found.first_forward is None
    assert found.first_backward is None


@pytest.mark.parametrize(("weight", "verdict"), [(2, "steady"), (4, "steady"), (8, "steady")])
def test_below_the_thresholds_all_is_steady(weight, verdict):
    net, params = chain(float(weight), depth=7)
    found = gm.diagnose(net, params, [[0.5]], [[1.0]])
    assert found.verdict == verdict  # 2^6 = 64 is less than a hundred
    assert found.findings == ()
    assert "at layer 7" in found.words


@pytest.mark.parametrize(("weight", "verdict"), [(2, "vanishing"), (4, "steady"), (8, "exploding")])
def test_one_dial_turns_the_verdict(weight, verdict):
    net, params = chain(float(weight), depth=9)
    found = gm.diagnose(net, params, [[0.5]], [[1.0]])
    assert found.verdict == verdict
    assert found.signal[0] / found.signal[-1] == (weight / 4) ** 8
    if verdict != "steady":
        (finding,) = found.findings
        assert finding.layers == (1, 2)  # 2^-7 and 2^-8, 2^7 and 2^8
        assert f"about {weight / 4:g} a layer" in finding.words


def test_a_signal_that_underflows_to_nothing_vanishes():
    net, params = chain(1e-200, depth=4)
    found = gm.diagnose(net, params, [[0.5]], [[1.0]])
    assert found.signal[0] == 0
    assert found.verdict == "vanishing"


def test_no_gradient_is_not_called_vanishing():
    net, params = chain(4.0, depth=3)
    found = gm.diagnose(net, params, [[0.5]], [[0.5]])
    assert found.verdict == "no gradient"
    assert "fitted exactly" in found.words


def test_one_saturated_neuron_is_not_depth():
    net, params = chain(1.0, depth=1, bias=0.0)
    found = gm.diagnose(net, params, [[-20.0]], [[1.0]])
    assert found.verdict == "saturated"
    assert found.saturated.tolist() == [1.0]
    assert found.dead.tolist() == [0.0]  # tiny is not zero
    assert found.signal[0] == pytest.approx(4.1223e-9, rel=1e-4)


def test_the_share_of_the_slope_that_counts_as_flat_can_be_set():
    net, params = chain(1.0, depth=1, bias=0.0)
    x, y = [[-4.0], [-5.0]], [[1.0], [1.0]]  # slopes .0177 and .00665: 7 % and 2.7 % of 1/4
    assert gm.diagnose(net, params, x, y).saturated.tolist() == [0.5]
    found = gm.diagnose(net, params, x, y, thresholds=Thresholds(flat=0.01))
    assert found.saturated.tolist() == [0.0]


def test_linear_layers_are_never_saturated():
    net, params = chain(1.0, depth=2, activation="identity", bias=0.0)
    found = gm.diagnose(net, params, [[5.0]], [[1.0]], thresholds=Thresholds(flat=1.0))
    assert found.verdict == "steady"


def test_dead_units():
    net = gm.Network(1, [gm.Dense(3, gm.relu), gm.Dense(1)])
    params = {
        "W1": [[1.0], [-1.0], [-1.0]], "b1": [0.0, 0.0, 0.0], "W2": [[1.0, 1.0, 1.0]], "b2": [0.0],
    }  # fmt: skip
    found = gm.diagnose(net, params, [[1.0], [2.0]], [[0.0], [0.0]])
    assert found.dead[0] == pytest.approx(2 / 3)
    assert found.verdict == "dead units"
    assert found.findings[0].layers == (1,)
    # one sample on the other side brings them back
    found = gm.diagnose(net, params, [[1.0], [-2.0]], [[0.0], [0.0]])
    assert found.dead[0] == 0


def test_the_whole_layer_dead_means_that_nothing_gets_through():
    net = gm.Network(1, [gm.Dense(2, gm.relu), gm.Dense(1)])
    params = {"W1": [[-1.0], [-1.0]], "b1": [0.0, 0.0], "W2": [[1.0, 1.0]], "b2": [0.0]}
    found = gm.diagnose(net, params, [[1.0], [2.0]], [[1.0], [1.0]])
    assert found.zero.tolist() == [1.0, 1.0]
    assert found.update_ratio.tolist() == [0.0, 0.0]
    assert [one.verdict for one in found.findings] == ["vanishing", "saturated", "dead units"]


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [("x", "x", "delta3"), ("W1", "W1", "delta3"), ("b2", "b2", "delta3"), ("W3", "W3", "delta3")],
)
def test_the_first_place_with_nan(name, forward, backward):
    net = gm.Network(2, [gm.Dense(2, gm.tanh), gm.Dense(2, gm.tanh), gm.Dense(1)])
    given = {**net.init(seed=0), "x": np.ones((2, 2))}
    given[name] = np.array(given[name])
    given[name].reshape(-1)[0] = np.nan
    x = given.pop("x")
    found = gm.diagnose(net, given, x, np.ones((2, 1)))
    assert found.verdict == "non-finite"
    assert (found.first_forward, found.first_backward) == (forward, backward)
    assert f"forward, {forward} is" in found.words
    assert "nan" in repr(found)


def test_an_overflow_on_the_way():
    net, params = chain(1e200, depth=3, activation="identity", bias=0.0)
    found = gm.diagnose(net, params, [[1.0]], [[1.0]])
    assert found.first_forward == "z2"
    params = {"W1": [[1e160]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0]}
    net = gm.Network(1, [gm.Dense(1), gm.Dense(1)])
    found = gm.diagnose(net, params, [[1.0]], [[0.0]])
    assert (found.first_forward, found.first_backward) == ("L", "dW2")  # 2e160 times 1e160


def test_an_overflow_on_the_way_back_alone():
    """Every activation is 1/2, and the weights carry the signal past the largest double.

    It is 2^-2 at layer 110 and grows by 2^10 with each layer: times 2^12, then times a quarter.
    """
    net, params = chain(2.0**12, depth=110)
    found = gm.diagnose(net, params, [[0.5]], [[1.0]])
    assert found.first_forward is None
    assert found.first_backward == "delta7"  # 2^12 * 2^(10 (110 - 8) - 2) = 2^1030


def test_half_precision():
    """The gradient of W1 is 2 W2^... small: 2^-30 is no number of half precision, 2^-20 is."""
    net = gm.Network(2, [gm.Dense(1), gm.Dense(1)])
    params = {"W1": [[0.0, 0.0]], "b1": [0.0], "W2": [[2.0**-10]], "b2": [0.0]}
    x, y = np.array([[2.0**-20, 2.0**-5]]), np.array([[-0.5]])
    wide = gm.diagnose(net, params, x, y)
    assert wide.lost_in_half.tolist() == [0.5, 0.0]
    assert wide.zero.tolist() == [0.0, 1.0]  # a1 = 0 gives W2 none
    assert wide.verdict == "vanishing"
    half = gm.diagnose(
        net, {k: np.asarray(v, np.float16) for k, v in params.items()}, x.astype(np.float16), y
    )
    assert half.dtype == "float16"
    assert half.lost_in_half.tolist() == [0.5, 0.0]
    assert half.zero.tolist() == [0.5, 1.0]
    assert [f.verdict for f in half.findings] == ["vanishing", "rounded to zero"]
    assert [f.verdict for f in wide.findings] == ["vanishing"]


def test_a_step_that_was_given_can_be_too_large():
    net, params = chain(4.0, depth=3)
    small = gm.diagnose(net, params, [[0.5]], [[1.0]], step=0.1)
    large = gm.diagnose(net, params, [[0.5]], [[1.0]], step=100.0)
    assert small.verdict == "steady"
    assert large.verdict == "large updates"
    np.testing.assert_allclose(large.update_ratio, 1000 * small.update_ratio, rtol=1e-12)
    default = gm.diagnose(net, params, [[0.5]], [[1.0]], thresholds=Thresholds(update=1e-6))
    assert default.verdict == "steady"
    assert "the default" in repr(default)


def test_zero_weights_have_no_finite_ratio():
    net, params = chain(0.0, depth=1, activation="identity", bias=0.0)
    found = gm.diagnose(net, params, [[1.0]], [[1.0]])
    assert found.update_ratio.tolist() == [np.inf]


ACTIVATIONS = list(gm.activations)


@pytest.mark.parametrize("name", sorted({gm.activations[n].name for n in ACTIVATIONS}))
def test_the_largest_slope_is_the_largest(name):
    z = np.linspace(-12, 12, 240_001)
    seen = np.abs(gm.activations[name].derivative(z)).max()
    bound = largest_slope(gm.Dense(1, name).activation)
    assert seen <= bound * (1 + 1e-12)
    assert seen >= bound * (1 - 1e-4)


def test_parameters_of_an_activation_count():
    assert largest_slope(gm.Dense(1, gm.prelu, weight=-3.0).activation) == 3.0
    assert largest_slope(gm.Dense(1, gm.elu, alpha=2.0).activation) == 2.0
    net = gm.Network(1, [gm.Dense(1, gm.leaky_relu, negative_slope=0.2)])
    params = {"W1": [[1.0]], "b1": [0.0]}
    assert gm.diagnose(net, params, [[-1.0]], [[1.0]]).saturated.tolist() == [0.0]
    net = gm.Network(1, [gm.Dense(1, gm.leaky_relu, negative_slope=0.02)])
    assert gm.diagnose(net, params, [[-1.0]], [[1.0]]).saturated.tolist() == [1.0]


def test_it_shows_itself():
    net = gm.Network(3, [gm.Dense(4, gm.sigmoid), gm.Dense(2)], loss=gm.softmax_cross_entropy)
    found = gm.diagnose(
        net, gaussian_start(net, seed=1), np.ones((5, 3)), np.array([0, 1, 1, 0, 1])
    )
    lines = repr(found).splitlines()
    assert lines[0].startswith("steady: 2 layers, 5 samples, float64, loss ")
    assert lines[2].startswith("1 Dense(4, sigmoid)")
    assert lines[-1] == found.words
    assert len({len(line) for line in lines[1:4]}) == 1  # columns are aligned
    html = found._repr_html_()
    assert (html.count("<tr>"), html.count("<th>"), html.count("<td>")) == (3, 9, 18)
    assert "<caption>steady: 2 layers" in html


def test_findings_are_ordered_by_urgency():
    assert VERDICTS[0] == "non-finite"
    assert VERDICTS[-1] == "steady"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"net": 3}, ArgumentTypeError, "net: got int"),
        ({"params": {"W1": [[1.0]]}}, ArgumentTypeError, "params: got no b1"),
        ({"x": [[1.0, 2.0]]}, ShapeError, "x: got shape"),
        ({"x": np.zeros((0, 1))}, ValueRangeError, "x: got an empty array"),
        ({"y": [1.0, 2.0]}, ShapeError, "y: got shape"),
        ({"step": 0.0}, ValueRangeError, "step: got 0.0"),
        ({"step": float("nan")}, ValueRangeError, "step: got nan"),
        ({"step": True}, ValueRangeError, "step: got True"),
        ({"thresholds": 0.1}, ArgumentTypeError, "thresholds: got float"),
    ],
)
def test_bad_input_is_named(change, error, words):
    net, params = chain(1.0, depth=1)
    arguments = {"net": net, "params": params, "x": [[0.5]], "y": [[1.0]]} | change
    options = {k: arguments.pop(k) for k in ("step", "thresholds") if k in arguments}
    with pytest.raises(error, match=words):
        gm.diagnose(*arguments.values(), **options)


@pytest.mark.parametrize("name", ["flat", "dead", "vanishing"])
def test_thresholds_are_checked(name):
    with pytest.raises(ValueRangeError, match=rf"Thresholds\({name}=\): got -1"):
        Thresholds(**{name: -1.0})
    with pytest.raises(ValueRangeError, match=name):
        Thresholds(**{name: float("inf")})


def test_it_is_read_only():
    net, params = chain(1.0, depth=1)
    found = gm.diagnose(net, params, [[0.5]], [[1.0]])
    with pytest.raises(ValueError, match="read-only"):
        found.dead[0] = 1


def test_a_residual_network_shows_the_stream_past_its_layers():
    layers = [gm.Dense(4, gm.sigmoid), *[gm.Dense(4, gm.sigmoid, residual=True)] * 6, gm.Dense(2)]
    net = gm.Network(4, layers)
    params = {k: 0.1 * v for k, v in net.init(seed=0).items()}
    found = gm.diagnose(net, params, np.ones((3, 4)), np.zeros((3, 2)))
    assert found.residual
    # every branch is weak, and yet what goes past them keeps its size
    assert found.stream[:-1] == pytest.approx(found.stream[-2], rel=0.3)
    assert np.isnan(found.stream[-1])
    assert "stream" in repr(found).splitlines()[1]
    plain = gm.Network(4, [gm.Dense(4, gm.sigmoid), gm.Dense(2)])
    again = gm.diagnose(plain, plain.init(seed=0), np.ones((3, 4)), np.zeros((3, 2)))
    assert "stream" not in repr(again).splitlines()[1]
