"""The script of a form shows the fields that count only sometimes where they count, in a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .copies import EVERY_WORD, answers_for

SCRIPTS = (
    "django_spike/spike/static/spike/only_when.js",
    "fastapi_spike/spike/static/only_when.js",
)
ROWS = ("form-row", "field")  # as each spike has them
FIELDS: list[dict[str, Any]] = [
    {"name": "urgent", "type": "boolean"},
    {"name": "cost", "type": "money"},
    {"name": "amount", "type": "integer"},
    {"name": "start", "type": "date"},
    {"name": "note", "type": "text"},
]
# What somebody types, and where a field counts with it and where it does not.
CASES = [
    ("kind", "Holiday", {"equals": "Holiday"}, {"not_equals": "Holiday"}),
    ("kind", "Unpaid leave", {"is_one_of": ["Holiday", "Unpaid leave"]}, {"equals": "Holiday"}),
    ("urgent", "yes", {"equals": True}, {"equals": False}),
    ("cost", "1,000.01", {"more_than": 1000}, {"at_most": 1000}),
    ("amount", "9", {"less_than": 10}, {"equals": 10}),
    ("amount", "", {"not_equals": 0}, {"less_than": 10}),
    ("start", "2031-01-01", {"at_least": "2031-01-01"}, {"less_than": "2031-01-01"}),
    ("start", "", {"is_set": False}, {"at_most": "2031-01-01"}),
    ("note", " x ", {"is_set": True}, {"is_set": False}),
]


def asked(field: dict[str, Any]) -> str:
    """The input of a field that decides."""
    if field["type"] == "choice":
        options = "".join(f"<option>{choice}</option>" for choice in ["", *field["choices"]])
        return f'<select name="{field["name"]}">{options}</select>'
    kind = {"boolean": "checkbox", "date": "date"}.get(field["type"], "text")
    return f'<input name="{field["name"]}" type="{kind}">'


def test_fields_are_hidden_and_not_sent_where_they_do_not_count(
    render: Callable[..., Path], tmp_path: Path, chromium: Any
) -> None:
    answers = answers_for(EVERY_WORD)
    fields = answers["workflow"]["fields"]
    deciding = [field for field in fields if field["name"] == "kind"] + FIELDS
    guards = [(name, guard) for name, _, *both in CASES for guard in both]
    fields += FIELDS + [
        {"name": f"f{number}", "type": "text", "only_when": {"field": name, **guard}}
        for number, (name, guard) in enumerate(guards)
    ]
    copy = render(tmp_path / "copy", **answers)
    script, same = ((copy / path).read_text(encoding="utf-8") for path in SCRIPTS)
    assert script == same, "the scripts of the spikes differ"
    rows = "".join(
        f'<div class="{ROWS[number % 2]}"><input name="f{number}"></div>'
        for number in range(len(guards))
    )
    inputs = "".join(map(asked, deciding))
    page = chromium.new_page()
    page.set_content(f"<script>{script}</script><form>{inputs}{rows}</form>")
    for number, (name, typed, *_) in enumerate(CASES):
        box = page.locator(f"[name={name}]")
        match next(field["type"] for field in deciding if field["name"] == name):
            case "choice":
                box.select_option(typed)
            case "boolean":
                box.set_checked(typed == "yes")
            case _:
                box.fill(typed)
        counts, not_here = (page.locator(f"[name=f{2 * number + each}]") for each in (0, 1))
        saying = f"{name} is {typed or 'empty'}"
        assert counts.is_visible(), f"{saying}, and a field that counts is hidden"
        assert counts.is_enabled(), f"{saying}, and a field that counts is not sent"
        assert not not_here.is_visible(), f"{saying}, and a field that does not count is shown"
        assert not_here.is_disabled(), f"{saying}, and a field that does not count is sent"
    page.close()
