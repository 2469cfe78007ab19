"""The C function of a loop."""

from __future__ import annotations


def function_text(
    arrays: int, outputs: int, scalars: int, sums: int, flags: int, body: list[str]
) -> str:
    """The C function of a loop; NAME stands for its name."""
    lines = ["LOOP(NAME) {"]
    place = 0

    def take(count: int, declaration: str) -> None:
        nonlocal place
        for n in range(count):
            lines.append("  " + declaration.format(n=n, at=f"at[{place}]"))
            place += 1

    take(arrays, "const T *restrict in{n} = slot[{at}];")
    take(outputs, "T *restrict out{n} = slot[{at}];")
    take(scalars, "const T c{n} = scalar[{at}];")
    lines += [f"  T sum{n} = T(0);" for n in range(sums)]
    lines += [f"  I flag{n} = 0;" for n in range(flags)]
    bad = any(line.startswith("bad ") for line in body)
    lines += ["  I bad = 0;"] * bad
    clauses = ""
    if sums:
        clauses += f" reduction(+ : {', '.join(f'sum{n}' for n in range(sums))})"
    ored = [f"flag{n}" for n in range(flags)] + ["bad"] * bad
    if ored:
        clauses += f" reduction(| : {', '.join(ored)})"
    lines.append(f"#pragma omp simd{clauses}")
    lines.append("  for (long i = 0; i < count; i++) {")
    lines += [f"    {line}" for line in body]
    lines.append("  }")
    take(sums, "sum[{at}] += sum{n};")
    take(flags, "flag[{at}] |= flag{n} != 0;")
    lines += ["  flag[0] |= bad != 0;"] * bad
    lines.append("}")
    return "\n".join(lines)
