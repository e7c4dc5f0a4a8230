"""The review reads what the day writes: measured at the start, done, skipped, the answer key used."""

from pathlib import Path

from twinspike.day import record
from twinspike.review import words
from twinspike.review.evidence import gather
from twinspike.scorecard.areas import Framework

BOTH = ["django", "fastapi"]


def test_what_the_day_writes_the_review_reads(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    for name in ("01-one.yml", "02-two.md", "README.md"):
        (tmp_path / "changes" / name).touch()
    record.add(tmp_path, "morning", framework="django", lines={"data_model": 205, "other": 9})
    record.add(tmp_path, "start", change="01", framework="django", picture="0" * 40)
    record.add(tmp_path, "answer", change="01", framework="django", applied=True)
    record.add(
        tmp_path,
        "done",
        change="01",
        framework="django",
        title="One",
        area="data_model",
        by=["anna", "ben"],
        first=True,
        minutes=31.4,
        lines={"data_model": 20, "staff_screens": 3},
        files=4,
        lights={"red": 3, "amber": 0, "green": 1},
        green=True,
    )
    record.add(tmp_path, "answer", change="02", framework="fastapi", applied=False)
    record.add(tmp_path, "skip", change="02", framework="fastapi", title="Two", why="No time.")
    evidence = gather(tmp_path, BOTH)
    assert evidence.troubles == []
    assert evidence.planned == ["01-one", "02-two"]
    assert evidence.size("django", "data_model") == 205
    assert evidence.size("fastapi", "data_model") is None
    one, two = evidence.done
    assert (one.minutes, one.lines, one.files, one.by) == (31.4, 23, 4, "anna, ben")
    assert (one.lights, one.area) == ("3 red, 1 green", "data_model")
    assert words.ending(one) == "✓ green, built first, with the answer key"
    assert words.ending(two) == "skipped: No time"
    assert evidence.of_area("data_model") == [one]
    assert words.costs(evidence, "django", "data_model") == "01: 31 min, 23 lines"
    assert words.costs(evidence, "fastapi", "data_model") == ""
    both = (Framework("django", "Django"), Framework("fastapi", "FastAPI"))
    assert words.measured(evidence, both) == (
        "Django: 214 lines at the start, 1 change made, 31 minutes, 23 lines, 1 with the answer key. "
        "FastAPI: 1 skipped."
    )


def test_the_latest_ending_of_a_change_counts(tmp_path: Path) -> None:
    record.add(tmp_path, "skip", change="01", framework="django", why="Later.")
    record.add(tmp_path, "done", change="01", framework="django", green=True)
    (done,) = gather(tmp_path, BOTH).done
    assert (done.skipped, done.green) == ("", True)
