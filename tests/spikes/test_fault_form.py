"""The form that faults are written in: by place and piece of code, whatever the layout."""

from pathlib import Path

import pytest

from .fault import Change, Misfit, changed, find_place, retold

SOURCE = '''\
"""A room."""

LIMITS = {"text": 120, "name": 40}


class Note:
    """Words."""

    text: str = ""

    @property
    def short(self) -> str:
        """The beginning."""
        return self.text[:20]


@atomic
@logged("write")
def write(
    session: Session,
    note: Note,
    text: str,
) -> Note:
    """Write it."""
    if note.text == text:
        return note
    note.text = text.strip()
    add_entry(
        session,
        note,
        action="edit",
        changes=[text],
    )
    return note
'''


def put(place: str, replace: str = "", by: str = "", add: str = "") -> str:
    return changed(SOURCE, place.split("."), Change(place, replace, by, add))


@pytest.mark.parametrize(
    ("place", "replace", "by", "gone", "there"),
    [
        ("write", "text.strip()", "text", "note.text = text.strip()", "note.text = text\n"),
        ("write", "'edit'", "'create'", 'action="edit"', "action='create'"),
        ("write", "changes=[text]", "", "changes=[text]", 'action="edit",\n'),
        ("write", "text: str", "", "text: str,\n)", "note: Note,\n"),
        ("write", "if note.text == text: ...", "", "if note.text", "    pass\n    note.text = text"),
        ("write", "add_entry(...)", "", "add_entry", "    pass\n    return note"),
        ("write", "add_entry(..., action='edit')", "log()", "add_entry", "    log()\n    return"),
        ("write", "atomic", "", "@atomic", '@logged("write")\ndef write'),
        ("write", "logged(...)", "", "@logged", "@atomic\n"),
        ("write", "note: Note", "note: Any", "    note: Note,", "    note: Any,"),
        ("Note.short", "20", "30", "[:20]", "[:30]"),
        ("Note", "text: str = ''", "text: str", 'text: str = ""', "text: str\n"),
        ("LIMITS", "120", "12", "120", '{"text": 12, "name": 40}'),
    ],
)  # fmt: skip
def test_a_piece_gives_way(place: str, replace: str, by: str, gone: str, there: str) -> None:
    new = put(place, replace, by)
    assert gone in SOURCE
    assert gone not in new
    assert there in new


def test_a_larger_piece_narrows_the_place() -> None:
    change = Change("write", "text", "note.text", within="add_entry(...)")
    assert "changes=[note.text]" in changed(SOURCE, ["write"], change)


def test_code_is_added_first_in_a_function_and_last_elsewhere() -> None:
    assert '"""Write it."""\n    text = ""\n    if note' in put("write", add='text = ""')
    assert "[:20]\n    long = short\n" in put("Note", add="long = short")
    assert changed(SOURCE, [], Change("room", add="LIMITS = {}")).endswith("LIMITS = {}")


@pytest.mark.parametrize(
    ("place", "replace", "by", "why"),
    [
        ("write", "note.title", "note.text", "has 'note.title' 0 times"),
        ("write", "note.text", "text", "has 'note.text' 2 times"),
        ("write.deeper", "text", "note", "there are 0 of deeper"),
        ("write", "note.text ==", "text", "is no Python"),
        ("write", "text.strip()", "text.", "is no Python any more"),
        ("write", "text.strip()", "text . strip()", "changes nothing"),
    ],
)
def test_what_does_not_fit_is_an_error(place: str, replace: str, by: str, why: str) -> None:
    with pytest.raises(Misfit, match=why):
        put(place, replace, by)


def test_a_place_is_a_module_and_names_in_it(tmp_path: Path) -> None:
    (tmp_path / "spike").mkdir()
    (tmp_path / "config").mkdir()
    services, settings = tmp_path / "spike" / "services.py", tmp_path / "config" / "settings.py"
    services.touch()
    settings.touch()
    assert find_place(tmp_path, "services.write") == (services, ["write"])
    assert find_place(tmp_path, "config.settings.DEBUG") == (settings, ["DEBUG"])
    with pytest.raises(Misfit, match="no module for nowhere"):
        find_place(tmp_path, "nowhere.write")


def test_a_page_is_compared_word_by_word() -> None:
    page = "{% if may %}\n  <a\n    href='x'>\n{% endif %}"
    assert retold(page, Change("p", "<a href='x'>", "<b>")) == "{% if may %}\n  <b>\n{% endif %}"
    with pytest.raises(Misfit, match="0 times"):
        retold(page, Change("p", "<i>", "<b>"))
