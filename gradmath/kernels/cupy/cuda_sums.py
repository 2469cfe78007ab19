"""Program -> the CUDA kernel that computes every sample and adds up the results on the way.

A grid-stride loop: each thread adds its samples in double, each block its threads in a tree of
fixed shape, and a second kernel the blocks.  The order depends on the number of samples alone, so
the same arguments give the same bits on every run.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gradmath.kernels.c_body import statement
from gradmath.kernels.cupy.cuda_map import C_TYPES, eager, load, results, storage_kind
from gradmath.program.ir import Program

THREADS = 256
BLOCKS = 4096
#: Names of the two kernels: one adds up samples, the other what the blocks of the first found.
SAMPLES, TOTALS = "gradmath_samples", "gradmath_totals"

_BLOCK_SUM = f"""\
// The sum of `value` over the block's threads, for thread 0: a tree of fixed shape.
__device__ double block_sum(double value) {{
  __shared__ double part[{THREADS}];
  __syncthreads();  // the sum before this one has been read
  part[threadIdx.x] = value;
  for (int half = {THREADS // 2}; half > 0; half /= 2) {{
    __syncthreads();
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
  }}
  return part[0];
}}
"""

_TOTALS = f"""\
// total[k]: the sum of row k of `partial`, in the order of the blocks.
extern "C" __global__ void {TOTALS}(const double* partial, T* total, int blocks) {{
  double sum = 0;
  for (int i = threadIdx.x; i < blocks; i += {THREADS})
    sum += partial[(long long)blockIdx.x * blocks + i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) total[blockIdx.x] = T(sum);
}}
"""

_STORAGE = {
    "float16": ("float16", "#include <cupy/float16.cuh>\n"),
    "bfloat16": ("bfloat16", "#include <cupy/bfloat16.cuh>\n"),
    "float32": ("float", ""),
    "float64": ("double", ""),
}


@dataclass(frozen=True)
class Layout:
    """How the arguments lie in memory: what the text of the kernel depends on.

    storage, compute: names of the types S and T.
    axes: number of axes that remain where neighbouring ones are joined.
    strided: inputs that are not contiguous, by instruction; they come with a stride for each axis.
    numbers: inputs of shape () that come by value and not as arrays.
    """

    storage: str = "float32"
    compute: str = "float32"
    axes: int = 1
    strided: frozenset[int] = frozenset()
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sums:
    """The kernels' text, and what `gradmath_samples` takes and gives, by instruction.

    Its arguments are `inputs`, `stored` (arrays for the results that are not summed), a double
    array of (len(summed), blocks) for the partial sums, the number of samples, the sizes of the
    axes, and for each strided input its strides, counted in entries.  `types[i]` is "S", "T" or
    "bool".
    """

    source: str
    inputs: tuple[int, ...]
    stored: tuple[int, ...]
    summed: tuple[int, ...]
    types: dict[int, str]


def blocks_for(size: int) -> int:
    """How many blocks add up `size` samples."""
    return min(BLOCKS, -(-size // THREADS))


def sums(program: Program, names: Collection[str], layout: Layout) -> Sums:
    """The kernels that sum the results in `names` and store the others.

    The program has no matrix operations: it is one loop over the samples.
    """
    instructions = program.instructions
    inside = eager(
        program, [p for p, item in enumerate(instructions) if item.op not in ("input", "const")]
    )
    summed = tuple(dict.fromkeys(program.outputs[name] for name in names))
    other = [p for name, p in program.outputs.items() if name not in names]
    stored = tuple(dict.fromkeys([*other, *(guard.predicate for guard in program.guards)]))
    leaving = results(program)
    read = {argument for position in inside for argument in instructions[position].args} | leaving
    inputs = tuple(p for p in sorted(read) if instructions[p].op == "input")

    def value(position: int) -> str:
        item = instructions[position]
        if item.op == "const":
            return f"T({item.value!r})"
        return f"v{position}" if item.op == "input" else f"t{position}"

    def once(position: int) -> bool:
        return instructions[position].shape == ()

    reads = [load("T", p, _argument(p, once(p), layout)) for p in inputs]
    loads = dict(zip(inputs, reads, strict=True))
    by_value = layout.numbers
    before = [loads[p] for p in inputs if once(p) and p not in by_value]
    before += [statement(program, p, set(inside)) for p in inside if once(p)]
    before += [
        f"if (blockIdx.x == 0 && threadIdx.x == 0) *out{p} = {value(p)};" for p in stored if once(p)
    ]
    body = [loads[p] for p in inputs if not once(p)]
    body += [statement(program, p, set(inside)) for p in inside if not once(p)]
    body += [f"out{p}[i] = {value(p)};" for p in stored if not once(p)]
    body += [f"sum{p} += {value(p)};" for p in summed]

    types = {p: storage_kind(program, p) for p in (*inputs, *stored)}
    storage, include = _STORAGE[layout.storage]
    head = f"{include}typedef {C_TYPES[layout.compute]} T;\ntypedef {storage} S;\n"
    parameters = [
        *(_parameter(types[p], p, layout) for p in inputs),
        *(f"{types[p]}* out{p}" for p in stored),
        "double* partial",
        "long long size",
        *(f"long long size{axis}" for axis in range(layout.axes) if layout.strided),
        *(f"long long stride{p}_{k}" for p in inputs if p in layout.strided for k in _axes(layout)),
    ]
    lines = [
        f'extern "C" __global__ void {SAMPLES}(\n    ' + ",\n    ".join(parameters) + ") {",
        *(f"  {line}" for line in before),
        *(f"  double sum{p} = 0;" for p in summed),
        f"  for (long long i = blockIdx.x * {THREADS}LL + threadIdx.x; i < size; "
        f"i += gridDim.x * {THREADS}LL) {{",
        *(f"    {line}" for line in (*_places(layout), *body)),
        "  }",
    ]
    for row, p in enumerate(summed):
        lines += [
            f"  sum{p} = block_sum(sum{p});",
            f"  if (threadIdx.x == 0) partial[{row}LL * gridDim.x + blockIdx.x] = sum{p};",
        ]
    kernel = "\n".join([*lines, "}"]) + "\n"
    return Sums("\n".join([head, _BLOCK_SUM, kernel, _TOTALS]), inputs, stored, summed, types)


def _axes(layout: Layout) -> range:
    return range(layout.axes)


def _parameter(memory: str, position: int, layout: Layout) -> str:
    if position in layout.numbers:
        return f"T v{position}"
    return f"const {memory}* in{position}"


def _argument(position: int, once: bool, layout: Layout) -> str:
    """Where the value of an input stands."""
    if once:
        return f"*in{position}"
    if position not in layout.strided:
        return f"in{position}[i]"
    places = " + ".join(f"i{k} * stride{position}_{k}" for k in _axes(layout))
    return f"in{position}[{places}]"


def _places(layout: Layout) -> list[str]:
    """Statements that take the number of a sample apart into its place along each axis."""
    if not layout.strided:
        return []
    lines, rest = [], "i"
    for axis in range(layout.axes - 1, 0, -1):
        lines.append(f"const long long i{axis} = {rest} % size{axis};")
        lines.append(f"const long long r{axis} = {rest} / size{axis};")
        rest = f"r{axis}"
    lines.append(f"const long long i0 = {rest};")
    return lines


def joined(
    shape: Sequence[int], strides: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Sizes and strides with axes of size 1 left out and neighbouring axes joined where all agree.

    >>> joined((2, 3, 4), [(12, 4, 1), (0, 0, 1)])
    ((6, 4), [(4, 1), (0, 1)])
    """
    sizes: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        if sizes and all(s[-1] == own[axis] * size for s, own in zip(steps, strides, strict=True)):
            sizes[-1] *= size
            for s, own in zip(steps, strides, strict=True):
                s[-1] = own[axis]
        else:
            sizes.append(size)
            for s, own in zip(steps, strides, strict=True):
                s.append(own[axis])
    return tuple(sizes) or (math.prod(shape),), [tuple(s) or (0,) for s in steps]
