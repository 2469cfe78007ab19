"""The sessions of the project.

    python -m nox                  lint, types, verify, tests, site
    python -m nox -s serve         build the site as `site` does and serve it on this machine
    python -m nox -s browser       the built site in a real browser
    python -m nox -s rebuild       build the site again and compare every byte
    python -m nox -s build         build the wheel, hold it to the source tree and use it
    python -m nox -s native        the C kernels, built by this machine's compiler
    python -m nox -s cuda_source   the CUDA kernels, compiled and run without a device
    python -m nox -s gpu           the CUDA kernels on this machine's device
    python -m nox -s peers         ask other checkers and frameworks, write down what they say
    python -m nox -s bench         time the kernels beside other tools, write down what was measured

Each session installs what it needs from the groups in pyproject.toml: with uv where it is found,
which does in seconds what takes pip half a minute, else with pip.
"""

from __future__ import annotations

import filecmp
import http.server
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

if sys.version_info < (3, 12):
    sys.exit(
        f"gradmath needs Python 3.12 or newer; this is Python {sys.version.split()[0]} "
        f"({sys.executable}). Run nox with a newer one: python3.12 -m pip install nox && "
        "python3.12 -m nox"
    )

import nox

nox.needs_version = ">=2025.2.9"
# tests after verify: what it has found out about this very source is not found out again
nox.options.sessions = ["lint", "types", "verify", "tests", "site"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True

# uv leaves compiling to the first import: what is compiled is kept, whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
ARTEFACTS = ROOT / "build"
SITE = ROOT / "site"
# What is asked of the wheel: that it holds the source tree byte for byte, that every file beside
# the modules is found where it was installed, and every example of the documents and docstrings.
# What the same bytes do otherwise is asked by the other sessions.
ASKED_OF_THE_WHEEL = ("packaging", "test_documents.py")
CUDA_RESULTS = str(ARTEFACTS / "cuda_source.json")
COMPILERS = ("cc", "gcc", "clang")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def install(session: nox.Session, *groups: str, package: bool = True) -> None:
    """Install the package (editable) and the named dependency groups of pyproject.toml."""
    wanted = nox.project.dependency_groups(PROJECT, *groups)
    session.install(*(("-e", ".") if package else ()), *wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and the direction of imports."""
    install(session, "lint", package=False)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": str(ROOT)})


@nox.session
def types(session: nox.Session) -> None:
    """Type hints."""
    install(session, "types")
    session.run("mypy")


@nox.session
def verify(session: nox.Session) -> None:
    """Derive and verify everything."""
    install(session)
    verify_all(session)


@nox.session
def tests(session: nox.Session) -> None:
    """Every test that needs neither a built site nor a browser nor a compiler."""
    install(session, "tests")
    # one worker takes all questions about one claim, or one group of figures
    spread = ("-n", "auto", "--dist", "loadgroup")
    elsewhere = [f"--ignore=tests/{name}" for name in ("site", "native", "cuda", "gpu")]
    session.run("pytest", *elsewhere, *spread, *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """Derive, verify and build the site; site/ is replaced only when all of it succeeded."""
    install(session, "docs")
    verify_all(session)
    fresh = ROOT / ".site-new"
    build_site(session, fresh)
    session.run(
        "pytest",
        "tests/site",
        "--ignore=tests/site/test_browser.py",
        *session.posargs,
        env={"GRADMATH_SITE": str(fresh)},
    )
    replace(SITE, fresh)
    session.log(f"the site stands in {SITE}")


@nox.session(python=False, requires=["site"])
def serve(session: nox.Session) -> None:
    """Build the site as `site` does, then serve it; `-- PORT` asks for a port."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    wanted = [int(port) for port in session.posargs] or [8000, 0]  # 0: any free port
    for port in wanted:
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
            break
        except OSError as error:
            session.warn(f"port {port}: {error.strerror}")
    else:
        session.error(f"no port to serve on: tried {wanted}")
    with server:
        print(f"\n    http://127.0.0.1:{server.server_port}/\n\nCtrl-C stops it.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            session.log("stopped")


@nox.session(requires=["site"])
def browser(session: nox.Session) -> None:
    """The built site in Chromium: errors, palettes, narrow screens, accessibility."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        session.error(
            "Chromium is missing: no "
            + ", ".join(CHROMIUM)
            + " on the path. Install it (Debian: apt-get install chromium) or set CHROMIUM to it."
        )
    install(session, "browser", package=False)
    session.run(
        "pytest",
        "tests/site/test_browser.py",
        "-n",
        "auto",
        *session.posargs,
        env={"GRADMATH_SITE": str(SITE), "CHROMIUM": found},
    )


@nox.session(requires=["site"])
def rebuild(session: nox.Session) -> None:
    """Build the site once more, labs executed afresh, and compare every byte with the first."""
    install(session, "docs")
    again = ROOT / ".site-again"
    shutil.rmtree(ROOT / ".cache" / "labs", ignore_errors=True)
    build_site(session, again)
    differing = sorted(different(SITE, again))
    if differing:
        session.error("two builds of one tree differ in " + ", ".join(differing))
    shutil.rmtree(again)


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel, hold it to the source tree byte for byte, and use it outside the tree."""
    session.install(*nox.project.dependency_groups(PROJECT, "build", "tests"))
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    installer = "uv" if session.venv_backend == "uv" else "pip"
    session.run("python", "-m", "build", "--installer", installer, "--outdir", str(dist))
    session.run("twine", "check", "--strict", *map(str, dist.iterdir()))
    (wheel,) = map(str, dist.glob("*.whl"))
    session.install(wheel)  # with what it depends on; and this very build, whatever stood there
    session.install("--force-reinstall", "--no-deps", wheel)
    elsewhere = session.create_tmp()
    for folder in ("tests", "docs"):  # the examples in the documents are tests too
        shutil.copytree(ROOT / folder, Path(elsewhere) / folder, dirs_exist_ok=True)
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, elsewhere)
    asked = [f"tests/{name}" for name in ASKED_OF_THE_WHEEL]
    with session.chdir(elsewhere):
        session.run(
            "pytest", *asked, "-n", "auto", *session.posargs, env={"GRADMATH_TREE": str(ROOT)}
        )


@nox.session
def native(session: nox.Session) -> None:
    """The C kernels: built, held against the oracle, and their cache attacked."""
    chosen = os.environ.get("CC", "").split()
    if not any(map(shutil.which, chosen[:1] or COMPILERS)):
        session.error(
            f"A C compiler is missing: no {' '.join(chosen) or ', '.join(COMPILERS)} on the path. "
            "Install one (Debian: apt-get install gcc libc6-dev) or set CC to it."
        )
    install(session, "native")
    session.run("pytest", "tests/native", "-n", "auto", *session.posargs)


@nox.session
def cuda_source(session: nox.Session) -> None:
    """The source that CuPy would compile: by NVIDIA's compiler, and on the host by g++."""
    require_host_compiler(session)
    install(session, "cuda")
    session.run(
        "pytest", "tests/cuda", "-n", "2", "--dist", "loadfile", *session.posargs,
        env={"CUPY_CACHE_DIR": session.create_tmp(), "GRADMATH_CUDA_RESULTS": CUDA_RESULTS},
    )  # fmt: skip
    session.run("python", "-m", "tests.cuda.table", CUDA_RESULTS)


@nox.session
def gpu(session: nox.Session) -> None:
    """The same kernels on a device, and how fast they are; `-- FILE` names the record."""
    require_host_compiler(session)
    if not (shutil.which("nvidia-smi") or any(Path("/dev").glob("nvidia[0-9]*"))):
        session.error("an NVIDIA GPU and its driver are missing: no nvidia-smi, no /dev/nvidia0.")
    install(session, "gpu")
    session.run("python", "-m", "tests.gpu.device")  # names what is missing
    session.run("pytest", "tests/gpu", env={"CUPY_CACHE_DIR": session.create_tmp()})
    target = session.posargs or ["gradmath/claims/recorded/gpu.json"]
    session.run("python", "-m", "tests.gpu.measure", *target)


@nox.session
def peers(session: nox.Session) -> None:
    """Ask other checkers and frameworks about the gallery's cases; `-- FILE` names the record."""
    install(session, "peers")
    target = session.posargs or ["gradmath/claims/recorded/peers.json"]
    session.run("python", "tests/peers/run.py", *target)


@nox.session
def bench(session: nox.Session) -> None:
    """Time the kernels beside others; `-- FILE` names the record, `-- --quick` compares with it."""
    install(session, "bench")
    session.run("python", "-m", "tests.benchmarks", *session.posargs)


def require_host_compiler(session: nox.Session) -> None:
    """Stop where there is no g++ to run CUDA's kernels on the host with."""
    if not shutil.which("g++"):
        session.error("g++ is missing on the path. Install it (Debian: apt-get install g++).")


def verify_all(session: nox.Session) -> None:
    """Run `gradmath verify`; its report, timings included, is kept outside the site."""
    ARTEFACTS.mkdir(exist_ok=True)
    session.run("gradmath", "verify", "--json", str(ARTEFACTS / "verify.json"))


def build_site(session: nox.Session, target: Path) -> None:
    """Build the site into `target`, every warning an error."""
    shutil.rmtree(target, ignore_errors=True)
    session.run(
        "mkdocs",
        "build",
        "--strict",
        "--site-dir",
        str(target),
        env={
            "NO_MKDOCS_2_WARNING": "1",
            "SOURCE_DATE_EPOCH": str(source_date()),
            "GRADMATH_COMMIT": git("rev-parse", "HEAD"),
            "PYTHONHASHSEED": "0",
            "OPENBLAS_NUM_THREADS": "1",  # how a sum is divided decides its last bits
        },
    )


def git(*arguments: str) -> str:
    """What git answers; nothing where there is no git or no repository."""
    try:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""


def source_date() -> int:
    """Seconds of the commit; of the newest source file where there is no repository."""
    committed = git("log", "-1", "--format=%ct")
    if committed:
        return int(committed)
    sources = [path for room in ("gradmath", "docs") for path in (ROOT / room).rglob("*.*")]
    return int(max(path.stat().st_mtime for path in sources))


def replace(old: Path, new: Path) -> None:
    """Put `new` in the place of `old`, which stays whole until the moment of the swap."""
    aside = old.with_name(".site-old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def different(first: Path, second: Path) -> set[str]:
    """Names of files that are missing on one side or differ in a byte."""
    names = [
        {str(path.relative_to(side)) for path in side.rglob("*") if path.is_file()}
        for side in (first, second)
    ]
    _, unequal, unreadable = filecmp.cmpfiles(first, second, names[0] & names[1], shallow=False)
    return (names[0] ^ names[1]) | set(unequal) | set(unreadable)
