"""Whether `copier update` will be able to take a copy to a newer template."""

import subprocess
from pathlib import Path

import yaml


def why_no_update(copy: Path) -> str | None:
    """Why the copy cannot be updated; None when it can."""
    answers = yaml.safe_load((copy / ".copier-answers.yml").read_text(encoding="utf-8"))
    commit = answers.get("_commit")
    if commit is None:
        return "the template is not in git here"
    look = ["git", "-C", answers["_src_path"], "rev-parse", "--verify", "--quiet"]
    found = subprocess.run(  # noqa: S603
        [*look, f"{commit}^{{commit}}"], stdout=subprocess.DEVNULL, check=False
    )
    return None if found.returncode == 0 else "the template has changes that are not committed"
