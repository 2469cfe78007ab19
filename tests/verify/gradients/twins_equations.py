"""Named equations: chains of one to thirty layers, shared weights, networks through time."""

from __future__ import annotations

from tests.verify.gradients.twins import Twin, wrong


def chain(depth: int) -> str:
    """a_k = sigmoid(w_k a_(k-1) + b_k), then the squared error; every layer has its own weight."""
    lines, below = [], "x"
    for k in range(1, depth + 1):
        lines += [f"z{k} = w{k}*{below} + b{k}", f"a{k} = sigmoid(z{k})"]
        below = f"a{k}"
    return "; ".join([*lines, f"L = ({below} - y)**2"])


def product(depth: int, *, skip: int = 0, weight: int = 0, at: int = 0) -> str:
    """dL/dw1; `skip` loses the slope of a layer, `weight` takes a layer's neighbour's weight,
    `at` takes a layer's slope at its activation instead of at its pre-activation.
    """
    factors = [f"2*(a{depth} - y)"]
    for k in range(depth, 0, -1):
        if k != skip:
            here = f"sigmoid(a{k})" if k == at else f"a{k}"
            factors.append(f"{here}*(1 - {here})")
        if k > 1:
            factors.append(f"w{k - 1}" if k == weight else f"w{k}")
    return "*".join([*factors, "x"])


def deep(depth: int) -> Twin:
    middle = (depth + 1) // 2
    planted = [
        wrong("dropped-chain-factor", product(depth, skip=middle), f"the slope of layer {middle}"),
        wrong("wrong-place", product(depth, at=middle), "a slope at the activation"),
        wrong("flipped-sign", f"-({product(depth)})", "the sign"),
        wrong("doubled-factor", f"1.0001*{product(depth)}", "a hundredth of a percent"),
        wrong("lost-factor", product(depth).removesuffix("*x") + "*1", "the input"),
        wrong("tail-only", "0", "a vanished gradient taken for none"),
    ]
    if depth > 1:
        planted += [
            wrong("wrong-layer", product(depth, weight=depth), "the weight of the layer below"),
        ]
    if middle > 1:
        planted += [
            wrong("dropped-chain-factor", product(depth, skip=1), "the slope of the first layer"),
        ]
    if depth > 10:  # a check of sixty names takes its time
        planted = [planted[0], planted[3], planted[5], planted[6]]
    names = [f"{n}{k}" for k in range(1, depth + 1) for n in "wb"]
    domain = dict.fromkeys([*names, "x", "y"], (-2, 2))
    return Twin(f"chain-of-{depth}", "equations", chain(depth), (product(depth),), tuple(planted),
                wrt="w1", domain=domain)  # fmt: skip


def through_time(steps: int) -> str:
    """h_t = tanh(w h_(t-1) + u x_t), one weight for all times, then the squared error."""
    lines, below = [], "h0"
    for t in range(1, steps + 1):
        lines.append(f"h{t} = tanh(w*{below} + u*x{t})")
        below = f"h{t}"
    return "; ".join([*lines, f"L = ({below} - y)**2"])


def through_time_gradient(steps: int, *, paths: range | None = None, power: int = 0) -> str:
    """dL/dw: the sum over the times at which w acts; `paths` keeps some, `power` adds w's."""
    terms = []
    for t in paths or range(1, steps + 1):
        carried = [f"(1 - h{k}**2)" for k in range(t, steps + 1)]
        weights = ["w"] * (steps - t + power)
        terms.append("*".join([*carried, *weights, f"h{t - 1}"]))
    return f"2*(h{steps} - y)*({' + '.join(terms)})"


def recurrent(steps: int) -> Twin:
    right = through_time_gradient(steps)
    names = ["w", "u", "y", "h0", *(f"x{t}" for t in range(1, steps + 1))]
    return Twin(f"recurrent-{steps}", "equations", through_time(steps), (right,), (
        wrong("dropped-chain-factor", through_time_gradient(steps, paths=range(steps, steps + 1)),
              "the last step alone"),
        wrong("dropped-chain-factor", through_time_gradient(steps, paths=range(1, steps)),
              "all steps but the last"),
        wrong("doubled-factor", through_time_gradient(steps, power=1), "one w too many"),
        wrong("wrong-layer", right.replace(f"(1 - h{steps}**2)", f"(1 - h{steps - 1}**2)"),
              "the slope of the step before"),
        wrong("lost-factor", right.removeprefix("2*"), "the 2"),
    ), wrt="w", domain=dict.fromkeys(names, (-1.5, 1.5)))  # fmt: skip


SHARED = "z1 = w*x; a1 = tanh(z1); z2 = w*a1; L = z2**2"
RESIDUAL = "z = w*x; a = sigmoid(z); r = a + x; L = (r - y)**2"
GATE = "g = sigmoid(v*x); c = g*c0 + (1 - g)*tanh(w*x); L = c**2"
FANNED = "h = tanh(w*x); p = u*h; q = v*h; L = p**2 + q**2 + p*q"

EQUATIONS = (
    *(deep(depth) for depth in (1, 2, 3, 5, 10, 30)),
    *(recurrent(steps) for steps in (2, 3, 5)),
    Twin("shared-weight", "equations", SHARED, ("2*z2*(a1 + w*(1 - a1**2)*x)",), (
        wrong("dropped-chain-factor", "2*z2*a1", "the first use"),
        wrong("dropped-chain-factor", "2*z2*w*(1 - a1**2)*x", "the second use"),
        wrong("flipped-sign", "2*z2*(a1 - w*(1 - a1**2)*x)", "one path's sign"),
        wrong("wrong-place", "2*z2*(a1 + w*(1 - z1**2)*x)", "z for a in the slope"),
        wrong("sum-for-mean", "z2*(a1 + w*(1 - a1**2)*x)", "the two uses averaged"),
    ), wrt="w", domain={"w": (-3, 3), "x": (-3, 3)}),
    Twin("residual-path", "equations", RESIDUAL, ("2*(r - y)*(a*(1 - a)*w + 1)",), (
        wrong("dropped-chain-factor", "2*(r - y)*a*(1 - a)*w", "the identity path"),
        wrong("dropped-chain-factor", "2*(r - y)", "the layer"),
        wrong("defaults-only", "2*(r - y)*(a*(1 - a) + 1)", "right for w = 1"),
    ), wrt="x", domain=dict.fromkeys("wxy", (-3, 3))),
    Twin("gate", "equations", GATE, ("2*c*(c0 - tanh(w*x))*g*(1 - g)*x",), (
        wrong("dropped-chain-factor", "2*c*c0*g*(1 - g)*x", "the path through 1 - g"),
        wrong("flipped-sign", "2*c*(c0 + tanh(w*x))*g*(1 - g)*x", "the sign of that path"),
        wrong("lost-factor", "2*c*(c0 - tanh(w*x))*g*x", "1 - g"),
    ), wrt="v", domain=dict.fromkeys(("v", "w", "x", "c0"), (-2, 2))),
    Twin("fan-out", "equations", FANNED, ("(2*p*u + 2*q*v + q*u + p*v)*(1 - h**2)*x",), (
        wrong("dropped-chain-factor", "(2*p*u + 2*q*v)*(1 - h**2)*x", "the product p q"),
        wrong("wrong-layer", "(2*p*u + 2*q*v + q*v + p*u)*(1 - h**2)*x", "u and v exchanged"),
        wrong("lost-factor", "(2*p*u + 2*q*v + q*u + p*v)*x", "the slope"),
    ), wrt="w", domain=dict.fromkeys("uvwx", (-2, 2))),
    Twin("several-gradients", "equations", "z = w*x + b; a = sigmoid(z); L = (a - y)**2",
         ({"w": "2*(a - y)*a*(1 - a)*x", "b": "2*(a - y)*a*(1 - a)", "y": "-2*(a - y)"},), (
        wrong("flipped-sign", {"w": "2*(a - y)*a*(1 - a)*x", "b": "2*(a - y)*a*(1 - a)",
                               "y": "2*(a - y)"}, "the sign in y alone"),
        wrong("lost-factor", {"w": "2*(a - y)*a*(1 - a)*x", "b": "2*(a - y)*(1 - a)",
                              "y": "-2*(a - y)"}, "a in b alone"),
        wrong("wrong-place", {"w": "2*(a - y)*z*(1 - z)*x", "b": "2*(a - y)*a*(1 - a)",
                              "y": "-2*(a - y)"}, "z for a in w alone"),
    ), wrt=["w", "b", "y"], domain=dict.fromkeys(("w", "x", "b", "y"), (-3, 3))),
    Twin("ten-linear-layers", "equations",
         "; ".join([f"a{k} = w*{'x' if k == 1 else f'a{k - 1}'}" for k in range(1, 11)]),
         ("10*w**9*x",), (
        wrong("lost-factor", "w**9*x", "10"),
        wrong("dropped-chain-factor", "9*w**9*x", "one use"),
        wrong("wrong-place", "10*w**10*x", "one power too many"),
    ), wrt="w", domain={"w": (-9, 9), "x": (-9, 9)}),
    Twin("two-residual-layers", "equations",
         "a1 = x + tanh(w*x); a2 = a1 + tanh(v*a1); L = (a2 - y)**2",
         ("2*(a2 - y)*(1 + (1 - tanh(v*a1)**2)*v)*(1 + (1 - tanh(w*x)**2)*w)",), (
        wrong("lost-skip-path", "2*(a2 - y)*(1 - tanh(v*a1)**2)*v*(1 + (1 - tanh(w*x)**2)*w)",
              "the identity past the second layer"),
        wrong("lost-skip-path", "2*(a2 - y)*(1 + (1 - tanh(v*a1)**2)*v)*(1 - tanh(w*x)**2)*w",
              "the identity past the first layer"),
        wrong("lost-term", "2*(a2 - y)", "both layers' own paths"),
    ), wrt="x", domain=dict.fromkeys("vwxy", (-2, 2))),
    Twin("one-dial", "equations",
         "; ".join([f"a{k} = sigmoid(w*{'x' if k == 1 else f'a{k - 1}'} - w/2)"
                    for k in range(1, 9)]),
         ("w**8*" + "*".join(f"a{k}*(1 - a{k})" for k in range(1, 9)),), (
        wrong("lost-factor", "*".join(f"a{k}*(1 - a{k})" for k in range(1, 9)), "the weights"),
        wrong("defaults-only", "(w/4)**8", "right at x = 1/2 alone"),
    ), wrt="x", domain={"w": (-8, 8), "x": (0, 1)}),
)  # fmt: skip
