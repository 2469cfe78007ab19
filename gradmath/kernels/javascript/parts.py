"""A long program of named equations as many short functions, which engines compile at once.

For one function with thousands of variables in a loop the optimiser of an engine needs far more
than proportional time and memory, or gives up and interprets.  So a long program is cut: each part
runs over a block of samples, and what later parts need stands in arrays as long as a block.  Every
operation, and the order of every sum, is that of the single loop: results have the same bits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from gradmath.kernels.javascript.words import expression
from gradmath.program.ir import Program

#: A program of up to this many operations is one loop.
WHOLE = 1000
#: Operations of a part.
PART = 250

_EVALUATE = """\
/**
 * What `run` calls: the results in the order of OUTPUTS, those in `summed` added up, and which
 * points have no derivative.  A result that is the same for every sample is a number.
 *
 * PLACES and REFUSED say where results and the marks of such points stand: in `values`, arrays
 * with an entry for each sample of a block, or, as -1, -2, ..., in `numbers`.
 */
export function evaluate(given, {{ samples }}, store, summed = new Set()) {{
  const numbers = new Float64Array({numbers});
  PREPARING.forEach((prepare) => prepare(given, numbers));
  const arrays = [{arrays}];
  const values = Array.from({{ length: {values} }}, () => new Float64Array(BLOCK));
  const blocks = Math.ceil(samples / BLOCK);
  const number = (place) => numbers[-1 - place];
  const found = OUTPUTS.map((key, k) => {{
    if (PLACES[k] < 0) return null;
    return summed.has(key) ? new Float64Array(blocks) : new store(samples);
  }});
  const refused = REFUSED.map((place) => place < 0 && Boolean(number(place)));
  for (let block = 0; block < blocks; block += 1) {{
    const start = block * BLOCK;
    const end = Math.min(samples, start + BLOCK);
    PARTS.forEach((part) => part(numbers, arrays, values, start, end));
    found.forEach((result, k) => {{
      if (result === null) return;
      const entries = values[PLACES[k]].subarray(0, end - start);
      if (summed.has(OUTPUTS[k])) result[block] = added(entries);
      else result.set(entries, start);
    }});
    REFUSED.forEach((place, k) => {{
      refused[k] ||= place >= 0 && values[place].subarray(0, end - start).some(Boolean);
    }});
  }}
  const results = OUTPUTS.map((key, k) => {{
    if (PLACES[k] < 0) return number(PLACES[k]) * (summed.has(key) ? samples : 1);
    return summed.has(key) ? total(found[k]) : found[k];
  }});
  return {{ results, refused }};
}}

/** The sum of these, one after the other; -0 leaves every number as it is, -0 among them. */
function added(entries) {{
  let sum = -0;
  for (let at = 0; at < entries.length; at += 1) sum += entries[at];
  return sum;
}}
"""


def is_long(program: Program) -> bool:
    """Whether a program is to be cut."""
    return len(program) > WHOLE


class Parts:
    """The functions of a long program.

    text: how each instruction is called in a line.  arrays: the names of the inputs that vary.
    names: for each input its name in the module.
    """

    def __init__(
        self,
        program: Program,
        names: Mapping[str, str],
        arrays: Sequence[str],
        text: Mapping[int, str],
    ) -> None:
        self._program, self._names, self._arrays, self._text = program, names, arrays, text
        self._varies = [item.shape != () for item in program.instructions]
        self._asked = {*program.outputs.values(), *(g.predicate for g in program.guards)}
        items = program.instructions
        # An argument that is a result as well is handed on like one.
        varying = [p for p in range(len(items)) if self._computed(p) or self._handed_on(p)]
        self._parts = list(_cut(varying))
        home = {p: k for k, part in enumerate(self._parts) for p in part}
        shared = {
            a
            for p, k in home.items()
            for a in items[p].args
            if self._varies[a] and items[a].op != "input" and home[a] != k
        }
        shared |= {p for p in self._asked if self._varies[p]}
        #: where what is handed on stands: arrays by their place in `values`, numbers in `numbers`
        self._values = {p: k for k, p in enumerate(sorted(shared))}
        plain = [p for p, item in enumerate(items) if not self._varies[p]]
        wanted = [p for p in plain if items[p].op != "const" or p in self._asked]
        self._numbers = {p: k for k, p in enumerate(wanted)}

    def _computed(self, position: int) -> bool:
        return self._varies[position] and self._program.instructions[position].op != "input"

    def _handed_on(self, position: int) -> bool:
        return self._varies[position] and position in self._asked

    def lines(self) -> list[str]:
        """Tables, functions, and `evaluate`."""
        preparing, parts = list(self._preparing()), list(self._running())
        text = [line for function in (*preparing, *parts) for line in (*function, "")]
        guards = [guard.predicate for guard in self._program.guards]
        for name, positions in (
            ("PLACES", self._program.outputs.values()),
            ("REFUSED", guards),
        ):
            text.append(f"const {name} = {json.dumps([self._place(p) for p in positions])};")
        for name, functions in (("PREPARING", preparing), ("PARTS", parts)):
            shown = ", ".join(f"{name.lower()}{k}" for k in range(len(functions)))
            text.append(f"const {name} = [{shown}];")
        arrays = ", ".join(f"list(given[{json.dumps(name)}])" for name in self._arrays)
        evaluate = _EVALUATE.format(
            numbers=len(self._numbers), values=len(self._values), arrays=arrays
        )
        return [*text, "", *evaluate.splitlines()]

    def _place(self, position: int) -> int:
        if self._varies[position]:
            return self._values[position]
        return -1 - self._numbers[position]

    def _preparing(self) -> Iterator[list[str]]:
        """Functions that compute what depends on numbers alone."""
        items = self._program.instructions
        for k, positions in enumerate(_cut(list(self._numbers))):
            lines = [f"function preparing{k}(given, numbers) {{"]
            lines += self._read(positions, {*positions})
            for p in positions:
                if items[p].op == "input":
                    value = f"given[{json.dumps(str(items[p].value))}]"
                elif items[p].op == "const":
                    value = self._text[p]
                else:
                    value = expression(items[p], [self._text[a] for a in items[p].args])
                kept = f"numbers[{self._numbers[p]}] = "
                named = "" if items[p].op == "const" else f"const {self._text[p]} = "
                lines.append(f"  {named}{kept}{value};")
            yield [*lines, "}"]

    def _running(self) -> Iterator[list[str]]:
        """Functions that compute one part for the samples of a block."""
        items = self._program.instructions
        for k, positions in enumerate(self._parts):
            own = {*positions}
            args = {a for p in positions for a in items[p].args}
            before = sorted(a for a in args - own if self._computed(a))
            given = {items[p].value for p in args | own if items[p].op == "input"}
            kept = [p for p in positions if p in self._values]
            lines = [f"function parts{k}(numbers, arrays, values, start, end) {{"]
            for number, name in enumerate(self._arrays):
                if name in given:
                    lines.append(f"  const [{self._names[name]}, step{number}] = arrays[{number}];")
            lines += self._read(positions, own)
            lines += [f"  const v{p} = values[{self._values[p]}];" for p in (*before, *kept)]
            lines.append("  for (let i = start; i < end; i += 1) {")
            lines += [f"    const t{p} = v{p}[i - start];" for p in before]
            for p in filter(self._computed, positions):
                value = expression(items[p], [self._text[a] for a in items[p].args])
                lines.append(f"    const t{p} = {value};")
            lines += [f"    v{p}[i - start] = {self._text[p]};" for p in kept]
            yield [*lines, "  }", "}"]

    def _read(self, positions: Sequence[int], own: set[int]) -> list[str]:
        """Lines that take numbers computed before."""
        items = self._program.instructions
        wanted = sorted({a for p in positions for a in items[p].args} - own)
        return [
            f"  const {self._text[a]} = numbers[{self._numbers[a]}];"
            for a in wanted
            if a in self._numbers and items[a].op != "const"
        ]


def _cut(positions: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(positions), PART):
        yield positions[start : start + PART]
