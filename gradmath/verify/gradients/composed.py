"""SciPy's functions of numbers that are written in others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.ruled import ruled, unary


def _product_with_log(x: Any, y: Any, name: str) -> Any:
    if not isinstance(x, Number) and x == 0:
        return 0
    return x * unary(name, y)


def _relative_entropy(x: Any, y: Any) -> Any:
    return 0 * y if x == 0 else x * unary("log", x / y)


def _huber(delta: Any, r: Any) -> Any:
    size = abs(r)
    return r * r / 2 if size <= delta else delta * (size - delta / 2)


def _pseudo_huber(delta: Any, r: Any) -> Any:
    share = r / delta
    return delta * delta * (unary("sqrt", 1 + share * share) - 1)


def _box_cox(x: Any, power: Any) -> Any:
    return unary("log", x) if power == 0 else (x**power - 1) / power


def _inverse_box_cox(y: Any, power: Any) -> Any:
    return unary("exp", y) if power == 0 else (1 + power * y) ** (1 / power)


def _beta(a: Any, b: Any) -> Any:
    return unary("gamma", a) * unary("gamma", b) * unary("rgamma", a + b)


def _log_beta(a: Any, b: Any) -> Any:
    return unary("gammaln", a) + unary("gammaln", b) - unary("gammaln", a + b)


def _binomial(n: Any, k: Any) -> Any:
    return unary("gamma", n + 1) * unary("rgamma", k + 1) * unary("rgamma", n - k + 1)


def _shrunk(x: Any) -> Any:
    """e^-|x|, by which scaled Bessel functions differ from plain ones."""
    return unary("exp", -abs(x))


UNARY: dict[str, Callable[[Any], Any]] = {
    "loggamma": lambda x: unary("gammaln", x),
    "digamma": lambda x: unary("psi", x),
    "zetac": lambda x: unary("riemann", x) - 1,
    "erfcx": lambda x: unary("exp", x * x) * unary("erfc", x),
    "exp1": lambda x: ruled("expn", 1, x),
    "exp10": lambda x: 10**x,
    "spence": lambda x: ruled("polylog", 2, 1 - x),
    "entr": lambda x: 0 * x if x == 0 else -(x * unary("log", x)),
    "exprel": lambda x: 1 + x / 2 if x == 0 else unary("expm1", x) / x,
    "cosm1": lambda x: unary("cos", x) - 1,
    "j0": lambda x: ruled("jv", 0, x),
    "j1": lambda x: ruled("jv", 1, x),
    "y0": lambda x: ruled("yv", 0, x),
    "y1": lambda x: ruled("yv", 1, x),
    "i0": lambda x: ruled("iv", 0, x),
    "i1": lambda x: ruled("iv", 1, x),
    "k0": lambda x: ruled("kv", 0, x),
    "k1": lambda x: ruled("kv", 1, x),
    "i0e": lambda x: ruled("iv", 0, x) * _shrunk(x),
    "i1e": lambda x: ruled("iv", 1, x) * _shrunk(x),
    "k0e": lambda x: ruled("kv", 0, x) * unary("exp", x),
    "k1e": lambda x: ruled("kv", 1, x) * unary("exp", x),
}
BINARY: dict[str, Callable[..., Any]] = {
    "xlogy": lambda x, y: _product_with_log(x, y, "log"),
    "xlog1py": lambda x, y: _product_with_log(x, y, "log1p"),
    "rel_entr": _relative_entropy,
    "kl_div": lambda x, y: _relative_entropy(x, y) - x + y,
    "huber": _huber,
    "pseudo_huber": _pseudo_huber,
    "boxcox": _box_cox,
    "boxcox1p": lambda x, power: _box_cox(1 + x, power),
    "inv_boxcox": _inverse_box_cox,
    "powm1": lambda x, y: x**y - 1,
    "beta": _beta,
    "betaln": _log_beta,
    "binom": _binomial,
    "gammainc": lambda a, x: ruled("lowergamma", a, x) * unary("rgamma", a),
    "gammaincc": lambda a, x: ruled("uppergamma", a, x) * unary("rgamma", a),
    "jve": lambda n, x: ruled("jv", n, x),
    "ive": lambda n, x: ruled("iv", n, x) * _shrunk(x),
    "kve": lambda n, x: ruled("kv", n, x) * unary("exp", x),
    "yn": lambda n, x: ruled("yv", n, x),
    "kn": lambda n, x: ruled("kv", n, x),
}
#: functions that give several numbers: the names of each
SEVERAL: dict[str, tuple[str, ...]] = {
    "sici": ("si", "ci"),
    "shichi": ("shi", "chi"),
    "fresnel": ("fresnel_s", "fresnel_c"),
    "airy": ("airy_ai", "airy_ai_prime", "airy_bi", "airy_bi_prime"),
}
