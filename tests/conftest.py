"""What the generator's tests share: the template as a plain folder, and trees to compare."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "copier.yml",
    "macros",
    "scenarios",
    "scorecard",
    "src",
    "templates",
)
JUNK = shutil.ignore_patterns(
    "__pycache__", "*.py[co]", ".venv", ".pytest_cache", ".ruff_cache", "*.sqlite3*"
)

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session", autouse=True)
def _plain_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings of whoever runs the tests: git's, Copier's, the terminal's."""
    # What a shell starts in the background ignores Ctrl-C, and so would everything that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    copier_settings = tmp_path_factory.mktemp("home") / "settings.yml"
    copier_settings.write_text("{}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("COPIER_SETTINGS_PATH", str(copier_settings))
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "100")
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Test")
            patch.setenv(f"GIT_{who}_EMAIL", "test@example.org")
        yield


@pytest.fixture(autouse=True)
def _same_surroundings(_plain_surroundings: None) -> Iterator[None]:
    """Each test leaves the variables as they were, for whatever runs after it in its process."""
    before = dict(os.environ)
    yield
    changed = {name for name, _ in before.items() ^ os.environ.items()}
    assert changed <= {"PYTEST_CURRENT_TEST"}, "the test has changed the environment"


def missing(what: str) -> None:
    """Skip the test that lacks something of the machine; a run of everything (`CI`) fails instead."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium without a window, by Playwright: the one on the PATH, or that of `CHROMIUM`."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a plain folder without git."""
    folder = tmp_path_factory.mktemp("source") / "template"
    copy_template(folder)
    return folder


def copy_template(folder: Path) -> None:
    """Copy what Copier needs of this checkout, as it is now."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=JUNK)
        elif source.exists():
            shutil.copy(source, folder / part)


@pytest.fixture(scope="session")
def render(template: Path) -> Callable[..., Path]:
    """Render the plain template in this process: `render(folder, answer=value, …)`."""
    from copier import run_copy

    def rendered(folder: Path, **answers: Any) -> Path:
        run_copy(str(template), folder, data=answers, defaults=True, quiet=True)
        return folder

    return rendered


def twinspike(
    *arguments: object, cwd: Path | None = None, timeout: float = 120, **more: Any
) -> Any:
    """Run the command as a user does; gives the finished process with its text."""
    return subprocess.run(
        [sys.executable, "-m", "twinspike", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        **more,
    )


def copier(*arguments: object, cwd: Path | None = None) -> Any:
    """Run Copier as a user does; gives the finished process with its text."""
    return subprocess.run(
        [sys.executable, "-m", "copier", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def git(*arguments: object, cwd: Path) -> str:
    """Run git; gives what it printed."""
    return subprocess.run(
        ["git", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=True
    ).stdout


def tree(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Every file below the folder with its content and whether it can be run.

    Where the template came from differs from one way to the next, and is left out of the answers.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            content = path.read_bytes()
            if path.name == ".copier-answers.yml":
                lines = content.splitlines(keepends=True)
                content = b"".join(
                    line for line in lines if not line.startswith((b"_src_path", b"_commit"))
                )
            found[path.relative_to(folder).as_posix()] = (content, os.access(path, os.X_OK))
    return found


def nothing_left(folder: Path) -> bool:
    """Whether neither a copy nor any of our working folders is there."""
    return list(folder.iterdir()) == []
