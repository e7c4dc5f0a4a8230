"""The environment of programs that this command starts: the user's, without what would redirect them."""

import os
import re

# Another project's repository, settings, interpreter or environment. A git hook exports GIT_DIR and
# GIT_INDEX_FILE, and every git below it would write into the repository of whoever committed.
FOREIGN = re.compile(r"(GIT_|PYTHON|PYTEST|DJANGO_|UV_|VIRTUAL_ENV|CONDA_)")
# How uv reaches its index is the user's to say.
NETWORK = re.compile(r"UV_.*(INDEX|LINKS|CACHE|OFFLINE|TLS|CERT|HTTP|INSECURE|KEYRING|CONFIG_FILE)")


def forget_git() -> None:
    """Take git's variables out of this process, before anything that starts git is imported."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]


def clean_environment() -> dict[str, str]:
    """The user's variables, without those that redirect git, Python, uv or Django."""
    return {
        name: value
        for name, value in os.environ.items()
        if NETWORK.match(name) or not FOREIGN.match(name)
    }
