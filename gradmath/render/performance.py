"""The performance page's tables and sentences, from the record of the benchmarks alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

from gradmath.claims.grades import GRADE_TITLES, RECORDED
from gradmath.claims.performance.asked import GOALS
from gradmath.claims.performance.goals import AT_MOST, Goal, Measured
from gradmath.claims.performance.names import name
from gradmath.claims.performance.record import (
    DTYPES,
    FULL,
    REDUCED,
    REUSED,
    SCALARS,
    SIZES,
    Cell,
    recording,
)
from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError
from gradmath.render import performance_devices, performance_errors
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, table

YARDSTICK = "native"
DIGITS = 3
#: a spread up to this share of the median is called steady, a processor kept for less of the time
#: than `IDLE` a busy machine
STEADY, IDLE = 0.05, 0.9
LISTED = 6  # cells that are named where a goal is missed; the others are counted
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def bench(directive: Directive, context: Context) -> str:
    """`bench PART`: a table or sentences of the performance page."""
    parts: dict[str, Callable[[Context], str]] = {
        "about": about,
        "full": lambda context: times(FULL, context),
        "reduced": lambda context: times(REDUCED, context),
        "goals": goals,
        "shortfalls": shortfalls,
        "devices": performance_devices.devices,
        **{kind: _ladder(kind) for kind in ("compile", "run", "derive", "network")},
    }
    part = directive.one()
    if part == "errors":
        return performance_errors.errors(directive, context)
    directive.refuse_options()
    if part not in parts:
        raise UnknownNameError("part of the benchmarks", part, [*parts, "errors"])
    return parts[part](context)


def badge(context: Context) -> str:
    """The grade of everything on the page."""
    title = GRADE_TITLES[RECORDED][context.language]
    return f'<span class="gm-badge gm-grade-{RECORDED}">{escape(title)}</span>'


def number(value: float, digits: int = DIGITS) -> str:
    """A number to a few digits."""
    return "∞" if math.isinf(value) else Value(value, digits=digits).text


def size_of(size: int) -> str:
    """A power of ten.

    >>> size_of(10_000)
    '10⁴'
    """
    return "10" + str(round(math.log10(size))).translate(_SUPERSCRIPT)


def duration(seconds: float) -> str:
    """A time in the unit that suits it.

    >>> duration(0.00123), duration(2e-5), duration(3.14159)
    ('1.2 ms', '20 µs', '3.1 s')
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= scale:
            return Value(seconds / scale, digits=2, unit=unit).text
    return Value(seconds / 1e-6, digits=2, unit="µs").text


def about(context: Context) -> str:
    """When, where, with which versions, and how steady."""
    record = recording()
    cells = list(record.cells.values())
    steady = [c for c in cells if max(c.high - c.median, c.median - c.low) <= STEADY * c.median]
    busy = statistics.median(min(c.median / c.elapsed, 1.0) for c in cells)
    made = context.say("bench_made").format(
        date=record.date, minutes=record.settings["minutes"], **record.machine
    )
    versions = ", ".join(f"{who} {version}" for who, version in record.versions.items())
    before, after = record.settings["load"]
    spread = context.say("bench_spread").format(
        steady=len(steady),
        cells=len(cells),
        near=f"{round(STEADY * 100)} %",
        busy=f"{round(busy * 100)} %",
        before=before,
        after=after,
    )
    if busy < IDLE:
        spread += " " + context.say("bench_busy")
    lines = [made, context.say("bench_versions").format(versions), spread]
    return f"{badge(context)} " + "\n\n".join(map(escape, lines))


def times(mode: str, context: Context) -> str:
    """Everybody's times in one mode, by size and type."""
    record = recording()
    tasks = [(size, dtype) for size in SIZES for dtype in DTYPES]
    head = [context.say("bench_contender"), context.say("bench_outputs")]
    head += [f"{size_of(size)} {dtype}" for size, dtype in tasks]
    own = {
        task: record.cell(YARDSTICK, REUSED if mode == FULL else SCALARS, mode, *task)
        for task in tasks
    }
    rows = [
        (
            f"<strong>{_name(who, context)}</strong>" if each.ours else _name(who, context),
            context.say(f"bench_{policy}"),
            *(_time(record.cell(who, policy, mode, *task), own[task]) for task in tasks),
        )
        for who, each in record.contenders.items()
        for policy in record.policies(who, mode)
    ]
    caption = escape(context.say(f"bench_{mode}_caption")) + " " + badge(context)
    return context.keep(table(head, rows, caption=caption, kind="gm-bench"))


def _time(cell: Cell, own: Cell) -> str:
    ratio = number(cell.median / own.median, 2)
    return f"{number(cell.nanoseconds)}<br><small>{ratio}×</small>"


def _name(who: str, context: Context) -> str:
    return escape(name(who, context.language))


def with_unit(value: float, goal: Goal) -> str:
    """A measured number as the goal states it."""
    shown = number(value)
    return f"{shown}{goal.unit}" if goal.unit == "×" else f"{shown} {goal.unit}".rstrip()


def asked(goal: Goal, context: Context) -> str:
    """At most, or at least, so much."""
    form = context.say("bench_at_most" if goal.sense == AT_MOST else "bench_at_least")
    gap = "" if goal.unit == "×" else " "
    return form.format(f"{goal.target:g}{gap}{goal.unit}".rstrip())


def place(one: Measured, context: Context) -> str:
    """Where in the record a comparison stands."""
    words = []
    if one.mode:
        words.append(context.say(f"bench_{one.mode}"))
    if one.size:
        words.append(size_of(one.size))
    if one.activation:
        words.append(one.activation + "′" * one.order)
    if one.dtype:
        words.append(one.dtype)
    if one.depth:
        words.append(context.say("bench_layers").format(one.depth))
    if one.other:
        words.append(context.say("bench_beside").format(name(one.other, context.language)))
    return ", ".join(words)


def goals(context: Context) -> str:
    """Every goal with its worst cell."""
    record = recording()
    head = ("goal", "asked", "measured", "where", "outcome")
    rows = []
    for goal in GOALS:
        cells, missed = goal.measured(record), goal.missed(record)
        worst = goal.worst(record)
        outcome = (
            context.say("bench_missed").format(len(missed), len(cells))
            if missed
            else context.say("bench_reached")
        )
        rows.append(
            (
                code(goal.titles[context.language]),
                escape(asked(goal, context)),
                escape(with_unit(worst.value, goal)),
                escape(place(worst, context)),
                escape(outcome) if missed else f"<strong>{escape(outcome)}</strong>",
            )
        )
    names = [context.say(f"bench_{word}") for word in head]
    return context.keep(table(names, rows, caption=badge(context), kind="gm-stack"))


def code(text: str) -> str:
    """Text as HTML, what stands in ticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts))


def shortfalls(context: Context) -> str:
    """What falls short, by how much, where and why."""
    record = recording()
    found = [goal for goal in GOALS if goal.missed(record)]
    if not found:
        return context.say("bench_all_reached")
    lines = [context.say("bench_summary").format(len(GOALS), len(GOALS) - len(found)), ""]
    for goal in found:
        missed = goal.missed(record)
        sentence = context.say("bench_shortfall").format(
            f"**{goal.titles[context.language]}**",
            asked(goal, context),
            len(missed),
            len(goal.measured(record)),
            with_unit(missed[0].value, goal),
            place(missed[0], context),
        )
        others = [
            f"{with_unit(one.value, goal)} ({place(one, context)})" for one in missed[1:LISTED]
        ]
        if len(missed) > LISTED:
            others.append(context.say("bench_and_more").format(len(missed) - LISTED))
        if others:
            sentence += " " + context.say("bench_also").format("; ".join(others))
        lines.append(f"- {sentence} {goal.whys[context.language]}")
    return "\n".join(lines)


def _ladder(kind: str) -> Callable[[Context], str]:
    def ladder(context: Context) -> str:
        record = recording()
        climbers = record.climbers(kind)
        seconds = {who: dict(record.ladder(kind, who)) for who in climbers}
        depths = dict.fromkeys(rung.depth for rung in record.rungs if rung.kind == kind)
        head = [context.say("bench_depth"), *(_name(who, context) for who in climbers)]
        rows = [
            (
                str(depth),
                *(
                    duration(seconds[who][depth]) if depth in seconds[who] else "–"
                    for who in climbers
                ),
            )
            for depth in depths
        ]
        caption = escape(context.say(f"bench_ladder_{kind}")) + " " + badge(context)
        return context.keep(table(head, rows, caption=caption, kind="gm-bench"))

    return ladder
