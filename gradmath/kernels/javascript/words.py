"""The words of generated JavaScript: operations, constants and the helpers they call.

JavaScript's numbers are doubles and its `Math` has every function a program asks for but
scaled_erfc, which is written out before.  What differs from the other backends is written as a
helper, so that signed zeros, infinities and NaN mean the same on all of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from gradmath.kernels.naming import input_names
from gradmath.program.ir import Instruction, Program

_OPERATOR = {
    "neg": "-{0}",
    "sign": "Math.sign({0}) + 0",  # the sign of -0 is 0
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "pow": "power({0}, {1})",
    "copysign": "copysign({0}, {1})",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "eq": "{0} === {1}",
    "ne": "{0} !== {1}",
    "and": "{0} && {1}",
    "or": "{0} || {1}",
    "where": "{0} ? {1} : {2}",
}

#: Functions that a module holds if its program calls them.
HELPERS = {
    "copysign": """\
/** a with the sign of b. */
function copysign(a, b) {
  return b < 0 || (b === 0 && 1 / b < 0) ? -Math.abs(a) : Math.abs(a);
}
""",
    "pow": """\
/** a to the power b: IEEE 754 gives 1 where JavaScript's own power gives NaN. */
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
}
""",
    "matmul": """\
/** a b, for a of shape (rows, inner) and b of shape (inner, columns). */
function matmul(a, b, rows, inner, columns) {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let k = 0; k < inner; k += 1) {
      const factor = a[i * inner + k];
      for (let j = 0; j < columns; j += 1) {
        result[i * columns + j] += factor * b[k * columns + j];
      }
    }
  }
  return result;
}
""",
    "matmul_nt": """\
/** a b^T, for a of shape (rows, inner) and b of shape (columns, inner). */
function matmul_nt(a, b, rows, inner, columns) {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) sum += a[i * inner + k] * b[j * inner + k];
      result[i * columns + j] = sum;
    }
  }
  return result;
}
""",
    "matmul_tn": """\
/** a^T b, for a of shape (inner, rows) and b of shape (inner, columns). */
function matmul_tn(a, b, rows, inner, columns) {
  const result = new Float64Array(rows * columns);
  for (let k = 0; k < inner; k += 1) {
    for (let i = 0; i < rows; i += 1) {
      const factor = a[k * rows + i];
      for (let j = 0; j < columns; j += 1) {
        result[i * columns + j] += factor * b[k * columns + j];
      }
    }
  }
  return result;
}
""",
    "sum_rows": """\
/** The sum over the rows, one number for each column. */
function sum_rows(a, rows, columns) {
  const result = new Float64Array(columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) result[j] += a[i * columns + j];
  }
  return result;
}
""",
    "row_sum": """\
/** The sum of each row. */
function row_sum(a, rows, columns) {
  const result = new Float64Array(rows);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) result[i] += a[i * columns + j];
  }
  return result;
}
""",
    "row_max": """\
/** The largest entry of each row; NaN if one is NaN. */
function row_max(a, rows, columns) {
  const result = new Float64Array(rows).fill(-Infinity);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) result[i] = Math.max(result[i], a[i * columns + j]);
  }
  return result;
}
""",
    "first_max": """\
/** 1 at the first largest entry of each row (at the first NaN, if there is one), 0 elsewhere. */
function first_max(a, rows, columns) {
  const result = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    let best = i * columns;
    for (let at = best + 1; at < (i + 1) * columns; at += 1) {
      if (a[at] > a[best] || (a[at] !== a[at] && a[best] === a[best])) best = at;
    }
    result[best] = 1;
  }
  return result;
}
""",
    "sum_all": """\
/** The sum of all entries: sums of blocks, then sums of pairs; the size alone fixes the order. */
function sum_all(a) {
  const sums = new Float64Array(Math.ceil(a.length / BLOCK));
  for (let block = 0; block < sums.length; block += 1) {
    const end = Math.min(a.length, (block + 1) * BLOCK);
    let sum = 0;
    for (let at = block * BLOCK; at < end; at += 1) sum += a[at];
    sums[block] = sum;
  }
  return total(sums);
}
""",
}

#: Sums of blocks come in a fixed order: pairs, pairs of pairs, and so on.
TOTAL = """\
/** Entries are added up in blocks of this many, one after the other. */
const BLOCK = 64;

/** The sum of the sums of blocks, by halves: their number alone fixes the order. */
function total(sums) {
  const halved = sums.slice();
  let count = halved.length;
  while (count > 1) {
    const half = Math.ceil(count / 2);
    for (let k = 0; k + half < count; k += 1) halved[k] += halved[k + half];
    count = half;
  }
  return halved[0];
}
"""

_OWN = re.compile(
    # JavaScript's reserved words and the globals that modules use
    "await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|"
    "extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|"
    "package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|"
    "void|while|with|yield|arguments|eval|undefined|NaN|Infinity|Math|Array|Object|Error|"
    "TypeError|RangeError|Float64Array|Float32Array|Uint8Array|"
    # names of the printers' own
    r"[tmv]\d+|parts\d+|preparing\d+|numbers|arrays|values|start|added|out\d+|sum\d+|sums\d+|step\d+|refused\d+|size_\w+|[ij]|at|end|block|blocks|given|"
    "sizes|store|summed|samples|run|evaluate|list|keep|checked|power|"
    "PLACES|REFUSED|PREPARING|PARTS|BLOCK|INPUTS|NUMBERS|OUTPUTS|DERIVATIVES|REFUSALS|SHAPES|total|"
    + "|".join(HELPERS)
)


def script_names(program: Program) -> dict[str, str]:
    """For each input its name in a module: its own, with underscores where that is taken."""
    return input_names(program, _OWN)


def literal(value: float) -> str:
    """A constant as JavaScript reads it back, the same double."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "(-Infinity)"
    shown = repr(value).removesuffix(".0")
    return f"({shown})" if shown.startswith("-") else shown


def expression(item: Instruction, args: list[str]) -> str:
    """One operation, entry by entry; the arguments are names or literals."""
    pattern = _OPERATOR.get(item.op)
    return pattern.format(*args) if pattern else f"Math.{item.op}({', '.join(args)})"


def helpers(ops: Iterable[str]) -> str:
    """The helpers that these operations call, with a blank line before each."""
    return "".join(f"\n{HELPERS[op]}" for op in HELPERS if op in set(ops))
