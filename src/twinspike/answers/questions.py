"""The questions of the template, as copier.yml asks them."""

from functools import cache
from typing import Any

import yaml

from twinspike.paths import template_root


@cache
def _asked() -> dict[str, dict[str, Any]]:
    text = (template_root() / "copier.yml").read_text(encoding="utf-8")
    return {
        name: question
        for name, question in yaml.safe_load(text).items()
        if not name.startswith("_") and question.get("when") is not False
    }


def questions() -> list[str]:
    """The names of the questions, in the order in which they are asked."""
    return list(_asked())


def choices(question: str) -> list[str]:
    """What can be chosen for this question."""
    offered = _asked()[question]["choices"]
    return list(offered.values() if isinstance(offered, dict) else offered)


def titles(question: str) -> list[str]:
    """How the choices of this question are said to people."""
    return list(_asked()[question]["choices"])
