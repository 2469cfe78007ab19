"""The shell: `gradmath derive | verify | claims | show`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gradmath.errors import GradmathError, UnknownNameError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Derive gradients by the chain rule, and verify them.",
    pretty_exceptions_enable=False,
)

LANGUAGES = ("en", "zh")
#: Exit statuses: 0 all passed, 1 something did not pass, 2 the call itself was wrong, 130 Ctrl-C.
FAILED, MISUSED, STOPPED = 1, 2, 130


@app.command()
def derive(
    equations: Annotated[str, typer.Argument(help="'z=w*x+b; a=sigmoid(z)', the output last")],
    wrt: Annotated[str | None, typer.Option(help="names to differentiate by, with commas")] = None,
    latex: Annotated[bool, typer.Option("--latex", help="print LaTeX")] = False,
    source: Annotated[bool, typer.Option("--source", help="print the NumPy kernel too")] = False,
) -> None:
    """Print the chain rule for named equations, step by step, and check it."""
    import gradmath as gm

    names = [name.strip() for name in wrt.split(",")] if wrt is not None else None
    derivation = gm.derive(equations, wrt=names)
    typer.echo(derivation.latex() if latex else derivation.text())
    if source:
        typer.echo("\n" + gm.compile(derivation, "numpy").source)
    report = gm.verify(derivation)
    typer.echo(f"\nverified: {report.status}, {len(report.rows)} rows", err=latex)
    if report.status != "passed":
        typer.echo(repr(report), err=True)
        raise typer.Exit(FAILED)


@app.command()
def verify(
    ids: Annotated[list[str] | None, typer.Argument(help="claims or entries; none: all")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="write the reports and passports here")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="run everything, and read nothing back")
    ] = False,
) -> None:
    """Verify the catalogue and every claim; exit 0 only if everything passes.

    What passed before, with the same source and the same versions, is read back from the cache.
    """
    try:
        from gradmath.checking import run_checks

        passed = run_checks(ids or [], json_file, typer.echo, fresh=fresh)
    except KeyboardInterrupt as stop:
        typer.echo(str(stop) or "stopped before anything was checked", err=True)
        raise typer.Exit(STOPPED) from None
    raise typer.Exit(0 if passed else FAILED)


@app.command()
def claims(
    page: Annotated[str | None, typer.Option(help="only the claims of this page")] = None,
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
) -> None:
    """List the claims of the chapter: id, grade, page and statement. Nothing is run."""
    import gradmath as gm
    from gradmath.claims.registry import PAGES

    if page is not None and page not in PAGES:
        raise UnknownNameError("page", page, PAGES)
    if language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    for claim in gm.claims.values():
        if page is None or claim.page == page:
            typer.echo(f"{claim.id}  [{claim.grade}, {claim.page}]")
            typer.echo(f"    {_in(claim.statement_text, language)}")


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="a claim's id")],
    language: Annotated[str, typer.Option(help="en or zh")] = "en",
) -> None:
    """Run one claim and print its passport; exit 0 only if it passes."""
    import gradmath as gm

    claim = gm.claims[id]
    passport = claim.passport()
    typer.echo(f"{_in(claim.titles, language)} ({id})")
    typer.echo(f"  {_in(claim.statement_text, language)}")
    typer.echo(f"  statement   {passport['statement']['text']}")
    if claim.assumptions:
        typer.echo(f"  assuming    {_in(claim.assumptions, language)}")
    typer.echo(f"  grade       {passport['grade']}")
    typer.echo(f"  status      {passport['status']}")
    for row in claim.evidence:
        typer.echo(f"  evidence    {row.describe()}")
    typer.echo(f"  mistakes    {passport['killed']} of {passport['planted']} planted were caught")
    for name, value in claim.values.items():
        typer.echo(f"  value       {name} = {value.plain}")
    file, line = claim.source
    typer.echo(f"  source      {file}:{line}")
    if passport["status"] != "passed":
        raise typer.Exit(FAILED)


def _in(texts: object, language: str) -> str:
    from collections.abc import Mapping

    from gradmath.errors import UnknownNameError

    assert isinstance(texts, Mapping)
    if language not in texts:
        raise UnknownNameError("language", language, texts)
    return str(texts[language])


def main() -> NoReturn:
    """The program's entry point: an error of ours is one line, not a traceback."""
    try:
        app()
    except GradmathError as error:
        typer.echo(f"gradmath: {error}", err=True)
        sys.exit(MISUSED)
    sys.exit(0)


if __name__ == "__main__":
    main()
