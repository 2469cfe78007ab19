"""A network -> a program on matrices: forward sweep, loss, and the reverse sweep."""

from __future__ import annotations

from functools import cache

import sympy as sp

from gradmath.catalogue.applied import applied
from gradmath.catalogue.entries import VectorLoss
from gradmath.derivation.layers import NetworkDerivation
from gradmath.network import Chosen
from gradmath.program.collection import uncollected
from gradmath.program.ir import Builder, Program, derivative_key
from gradmath.program.lowering import Lowering


@uncollected()
def network_program(derivation: NetworkDerivation, inner: bool = False) -> Program:
    """The program of the summed loss and its gradients.

    Inputs: `x`, `y`, the parameters, and `scale`, the factor of the sum (1 over the batch size
    for the mean).  Outputs: `L` and one derivative for each parameter and x; with `inner` also
    what lies between, `z1`, `a1`, ... and the derivatives by `z1`, ....
    """
    net = derivation.network
    b = Builder()
    values = {"x": b.input("x", ("n", net.inputs)), "y": b.input("y", ("n", net.outputs))}
    for name, shape in net.shapes.items():
        values[name] = b.input(name, shape)
    scale = b.input("scale", ())

    before = values["x"]
    inputs: list[int] = []
    pre: list[int] = []
    for k, layer in enumerate(net.layers, start=1):
        inputs.append(before)
        z = b.emit("add", b.emit("matmul_nt", before, values[f"W{k}"]), values[f"b{k}"])
        pre.append(z)
        after = _entrywise(b, layer.activation, 0, z)
        before = b.emit("add", before, after) if layer.residual else after

    losses, slope = _loss(b, net.loss, before, values["y"])
    outputs = {"L": b.emit("mul", b.emit("sum_all", losses), scale)}
    if inner:
        outputs |= {f"z{k}": z for k, z in enumerate(pre, start=1)}
        outputs |= {f"a{k}": a for k, a in enumerate([*inputs[1:], before], start=1)}
    adjoint = b.emit("mul", slope, scale)  # dL/da_k, from the last layer down to dL/dx
    for k in range(len(net.layers), 0, -1):
        layer = net.layers[k - 1]
        delta = b.mul(adjoint, _entrywise(b, layer.activation, 1, pre[k - 1]))
        if inner:
            outputs[derivative_key(f"z{k}")] = delta
        outputs[derivative_key(f"W{k}")] = b.emit("matmul_tn", delta, inputs[k - 1])
        outputs[derivative_key(f"b{k}")] = b.emit("sum_rows", delta)
        through = b.emit("matmul", delta, values[f"W{k}"])
        adjoint = b.emit("add", adjoint, through) if layer.residual else through
    outputs[derivative_key("x")] = adjoint
    return b.build(outputs, ["x", "y", *net.shapes, "scale"])


def _entrywise(b: Builder, chosen: Chosen, order: int, *args: int) -> int:
    function = applied(chosen.entry, (order,))
    places = _places(len(args))
    call = function(*places, *chosen.values)
    return Lowering(b, dict(zip(places, args, strict=True))).lower(call)


@cache
def _places(count: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Dummy(f"argument_{k}", real=True) for k in range(count))


def _loss(b: Builder, chosen: Chosen, prediction: int, target: int) -> tuple[int, int]:
    """The unreduced losses, and their slope by the prediction."""
    if isinstance(chosen.entry, VectorLoss):
        return softmax_cross_entropy(b, prediction, target)
    return (
        _entrywise(b, chosen, 0, prediction, target),
        _entrywise(b, chosen, 1, prediction, target),
    )


#: exp(-2 x) is 0 in double precision from x = 373 on.
_FARTHEST = 1024.0


def softmax_cross_entropy(b: Builder, logits: int, targets: int) -> tuple[int, int]:
    r"""Loss of each row, shape (n, 1), and its gradient, without overflow and cancellation.

    With m = max z, e_j = exp(z_j - m), S = sum e and p = e/S, for targets y >= 0:

        loss   = sum_j y_j (m - z_j) + (sum_j y_j) log1p(S - 1)
        dl/dz_j = p_j (Y - y_j) - y_j (1 - p_j),      Y = sum_j y_j

    Every sum is of terms of one sign.  S - 1, 1 - p_j and Y - y_j are sums over the *other*
    entries: for the largest entry they are added up without it, since subtracting it would
    cancel; for every other entry the subtraction leaves at least half and is harmless.
    """
    zero = b.const(0.0)
    half = b.const(0.5)
    # Half the gap to the largest logit: the whole gap of finite logits may overflow.
    gaps = b.emit("sub", b.mul(b.emit("row_max", logits), half), b.mul(logits, half))
    # Beyond this clamp the exponential is 0 in every type.
    e = b.emit("exp", b.mul(b.emit("min", gaps, b.const(_FARTHEST)), b.const(-2.0)))
    # A class that is not a target adds nothing, however far away (0 times infinity is not 0).
    asked = b.emit("where", b.emit("eq", targets, zero), zero, gaps)
    others, total = _sums_without_each(b, e, logits, zero)
    log_total = b.emit("log1p", b.emit("row_sum", _without_largest(b, e, logits, zero)))
    y_others, y_total = _sums_without_each(b, targets, targets, zero)
    p = b.emit("div", e, total)
    rest = b.emit("div", others, total)
    loss = b.emit(
        "add",
        b.mul(b.emit("row_sum", b.emit("mul", targets, asked)), b.const(2.0)),
        b.emit("mul", y_total, log_total),
    )
    slope = b.emit("sub", b.emit("mul", p, y_others), b.emit("mul", targets, rest))
    return loss, slope


def _without_largest(b: Builder, values: int, ranking: int, zero: int) -> int:
    return b.emit("where", b.emit("first_max", ranking), zero, values)


def _sums_without_each(b: Builder, values: int, ranking: int, zero: int) -> tuple[int, int]:
    """For each entry the sum of the other entries of its row, and the whole sum of the row."""
    largest = b.emit("first_max", ranking)
    remaining = b.emit("row_sum", b.emit("where", largest, zero, values))
    total = b.emit("row_sum", values)
    return b.emit("where", largest, remaining, b.emit("sub", total, values)), total
