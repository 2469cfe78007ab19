"""What a run on a GPU measured, where one has been recorded; else that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradmath.claims.device import DeviceRun, device_run
from gradmath.claims.grades import GRADE_TITLES, RECORDED
from gradmath.claims.values import Value
from gradmath.render.context import Context
from gradmath.render.markup import escape, table

CALLS = ("copy", "full", "reduced")


def devices(context: Context) -> str:
    """The device, how much of a copy's bandwidth the kernels reach, and their worst error."""
    run = device_run()
    if run is None:
        return context.say("bench_no_device")
    sentence = context.say("bench_device").format(
        device=run.device,
        memory=run.memory,
        date=run.date,
        driver=run.driver,
        runtime=run.runtime,
        cupy=run.cupy,
        reached=percent(run.reached),
        goal=percent(run.goal),
        worst=Value(max(max(by_type.values()) for by_type in run.errors.values()), digits=2).text,
    )
    return f"{escape(sentence)}\n\n{context.keep(rates(run, context))}"


def percent(share: float) -> str:
    """A share in per cent."""
    return f"{Value(100 * share, digits=3).text} %"


def rates(run: DeviceRun, context: Context) -> str:
    """Bytes a second of a copy, of the full map and of the means, by size and type."""
    tasks = list(dict.fromkeys((row["size"], row["dtype"]) for row in run.bandwidth))
    found = {(row["call"], row["size"], row["dtype"]): row for row in run.bandwidth}
    head = [context.say("bench_elements"), *(context.say(f"bench_{call}") for call in CALLS)]
    rows = [
        (
            f"{Value(float(size), digits=1).text} {escape(dtype)}",
            *(cell(found[call, size, dtype]) for call in CALLS),
        )
        for size, dtype in tasks
    ]
    grade = escape(GRADE_TITLES[RECORDED][context.language])
    caption = f'<span class="gm-badge gm-grade-{RECORDED}">{grade}</span>'
    return table(head, rows, caption=escape(context.say("bench_rates")) + " " + caption)


def cell(row: Mapping[str, Any]) -> str:
    """Gigabytes a second, and below them the share of a copy's."""
    rate = Value(row["bytes/s"] / 1e9, digits=3).text
    return f"{rate}<br><small>{percent(row['share of a copy'])}</small>"
