"""No edit of a valid scorecard silently moves a score or a sentence to another area or framework.

Every sentence of the scorecard says where it belongs. After any edits, a scorecard that is read without a
problem must have each sentence, and each score whose line was not edited itself, where it belongs.
"""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scorecard.cards import PLAN, filled, read

KEYS = [(area.name, framework.name) for area in PLAN.areas for framework in PLAN.frameworks]
TAGS = {key: f"tag{index}tag" for index, key in enumerate(KEYS)}
SCORES = dict(zip(KEYS, (4, 3, 5, 2), strict=True))
TEXT = filled(PLAN, "ana", SCORES, {key: f"Because of {tag} alone." for key, tag in TAGS.items()})
LINES = TEXT.split("\n")
LABELS = {
    f"- {area.title}, {framework.title}:": (area.name, framework.name)
    for area in PLAN.areas
    for framework in PLAN.frameworks
}
SCORE_LINES = {
    index: LABELS[line[: line.index(":") + 1]]
    for index, line in enumerate(LINES)
    if line[: line.find(":") + 1] in LABELS
}

TELLING = [i for i, line in enumerate(LINES) if i in SCORE_LINES or "tag" in line or "## " in line]
WHERE = st.sampled_from(TELLING) | st.integers(0, len(LINES) - 1)
JUNK = st.sampled_from(
    [
        "",
        "## Data model",
        "## Staff screens",
        "- 4",
        "4",
        "```",
        "<!--",
        "-->",
        "> ",
        "---",
        "| a |",
    ]
) | st.text(alphabet=":,-*#_ 12345abc\u200b\t", max_size=12)

LINE_EDITS = st.one_of(
    st.tuples(st.just("delete"), WHERE, st.integers(1, 12)),
    st.tuples(st.just("double"), WHERE, st.integers(1, 6)),
    st.tuples(st.just("swap"), WHERE, WHERE),
    st.tuples(st.just("move"), WHERE, WHERE),
    st.tuples(st.just("join"), WHERE, WHERE),
    st.tuples(st.just("split"), WHERE, st.integers(0, 60)),
    st.tuples(st.just("insert"), WHERE, JUNK),
    st.tuples(st.just("reverse"), WHERE, st.integers(2, 10)),
)


def edit_lines(lines, edits):
    """The lines after the edits, each (what, where, how far)."""
    lines = list(lines)
    for what, at, arg in edits:
        at = min(at, len(lines) - 1)
        if at < 0:
            break
        if what == "delete":
            del lines[at : at + arg]
        elif what == "double":
            lines[at:at] = lines[at : at + arg]
        elif what == "swap":
            other = min(arg, len(lines) - 1)
            lines[at], lines[other] = lines[other], lines[at]
        elif what == "move":
            lines.insert(min(arg, len(lines) - 1), lines.pop(at))
        elif what == "join" and at + 1 < len(lines):
            lines[at : at + 2] = [lines[at] + lines[at + 1]]
        elif what == "split":
            lines[at : at + 1] = [lines[at][:arg], lines[at][arg:]]
        elif what == "insert":
            lines.insert(at, arg)
        elif what == "reverse":
            lines[at : at + arg] = reversed(lines[at : at + arg])
    return lines


thoroughly = settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@thoroughly
@given(st.lists(LINE_EDITS, min_size=1, max_size=6))
def test_moved_doubled_joined_and_lost_lines_never_move_a_score(edits):
    card = read("\n".join(edit_lines(LINES, edits)))
    if not card.readable:
        return
    for key, cell in card.cells.items():
        if isinstance(cell.score, int):
            assert cell.score == SCORES[key]
        assert set(re.findall(r"tag\dtag", cell.reason)) <= {TAGS[key]}


@thoroughly
@given(
    st.integers(0, len(TEXT) - 1),
    st.integers(0, 400),
    st.text(alphabet=":,-*#_ \n\r12345ejango\u200b\u2028\t`~<>|", max_size=8),
)
def test_a_changed_stretch_of_text_changes_no_other_line(start, length, typed):
    text = TEXT[:start] + typed + TEXT[start + length :]
    card = read(text)
    if not card.readable:
        return
    first = TEXT[:start].count("\n")
    last = TEXT[: start + length].count("\n")
    for index, key in SCORE_LINES.items():
        touched = first <= index <= last
        if not touched:
            assert card.cells[key].score == SCORES[key]
    for key, cell in card.cells.items():
        assert set(re.findall(r"tag\dtag", cell.reason)) <= {TAGS[key]}


@thoroughly
@given(
    st.integers(0, len(TEXT) - 1),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 300),
)
def test_a_stretch_of_text_cut_and_pasted_elsewhere_moves_no_score(start, target, length):
    cut = TEXT[start : start + length]
    rest = TEXT[:start] + TEXT[start + length :]
    card = read(rest[:target] + cut + rest[target:])
    if not card.readable:
        return
    for key, cell in card.cells.items():
        assert set(re.findall(r"tag\dtag", cell.reason)) <= {TAGS[key]}
        if isinstance(cell.score, int) and cell.score != SCORES[key]:
            raise AssertionError((key, cell, rest[:target] + cut + rest[target:]))


@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(st.binary(max_size=300), st.integers(0, len(TEXT)))
def test_bytes_of_any_kind_are_read_or_refused_but_never_crash(data, at):
    encoded = TEXT.encode()
    for candidate in (data, encoded[:at] + data + encoded[at:]):
        card = read(candidate)
        assert len(card.cells) == len(KEYS)
