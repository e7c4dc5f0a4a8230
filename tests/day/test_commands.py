"""The commands of the day as people type them: what they do, say and refuse."""

import json
from datetime import datetime, timedelta

import pytest
import yaml
from conftest import twinspike

from .conftest import DayCopy

COMMANDS = ["day", "start", "watch", "pause", "done", "skip", "answer", "board", "check", "up"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_has_an_example_in_its_help(command: str) -> None:
    done = twinspike(command, "--help")
    assert done.returncode == 0
    assert f"Example: twinspike {command}" in done.stdout


# Beginning


def test_start_shows_the_request_and_what_is_red(day_copy: DayCopy) -> None:
    said = day_copy.ok("start", "01", "django", "--by", "anna")
    for words in (
        "01  A cost centre on every request",
        "Priya, finance controller asks: At the end of each month",
        "about 30 minutes",
        "What has to be true.",
        "Red: 1 test of its 1 to make green.",
        "twinspike done 01 django",
    ):
        assert words in said
    (start,) = day_copy.events("start")
    assert (start["change"], start["framework"], start["by"]) == ("01", "django", "anna")
    assert start["first"] is True
    (light,) = day_copy.events("light")
    assert (light["light"], light["passed"], light["failed"]) == ("red", 0, 1)


def test_its_own_tests_are_the_new_ones_and_those_answered_differently(day_copy: DayCopy) -> None:
    day_copy.lists(before="test_a test_b test_c", after="")
    day_copy.tell(test_a="passed", test_b="failed", test_new="passed")
    told = json.loads(day_copy.ok("start", "01", "django", "--json"))
    assert (told["own_tests"], told["passed"], told["failed"]) == (2, 1, 1)
    assert told["failures"] == [{"test": "test_b", "reason": "test_b says so"}]


def test_what_was_red_in_the_morning_is_not_its_own(day_copy: DayCopy) -> None:
    results = {"areas": {"data_model": {"failures": [{"test": "test_a", "reason": ""}]}}}
    day_copy.write("results/django.json", json.dumps(results))
    day_copy.tell(test_a="failed", test_b="failed")
    assert json.loads(day_copy.ok("start", "01", "django", "--json"))["own_tests"] == 1


def test_a_change_that_starts_green_is_told_so(day_copy: DayCopy) -> None:
    day_copy.tell(test_a="passed", test_b="passed")
    assert "It starts green" in day_copy.ok("start", "01", "django")


def test_a_suite_that_cannot_run_is_amber(day_copy: DayCopy) -> None:
    day_copy.tell(trouble="The spike does not start.")
    assert "Amber: the tests could not run. The spike does not start." in day_copy.ok(
        "start", "01", "django"
    )
    assert day_copy.events("light")[0]["light"] == "amber"


def test_each_spike_has_its_own_target(day_copy: DayCopy) -> None:
    assert "changes/03-licence-desk.yml" in day_copy.ok("start", "03", "django", "--yes")
    targets = day_copy.home / ".twinspike" / "targets"
    target = yaml.safe_load((targets / "django.yml").read_text())
    assert target.pop("change") == {"number": "03", "taken": []}
    wanted = yaml.safe_load((day_copy.home / "changes" / "03-licence-desk.yml").read_text())
    assert target == {key: value for key, value in wanted.items() if key != "change"}
    assert not (targets / "fastapi.yml").exists()
    # The pages that say what both do follow it.
    assert "Cost centre" in (day_copy.home / "BRIEF.md").read_text()
    assert "cost_centre" in (day_copy.home / "contract" / "openapi.yaml").read_text()


def test_a_change_in_words_counts_its_tests_from_now_on(day_copy: DayCopy) -> None:
    said = day_copy.ok("start", "07", "django", "--yes")
    assert "costs.csv" in said
    target = yaml.safe_load((day_copy.home / ".twinspike/targets/django.yml").read_text())
    assert target["change"] == {"number": "07", "taken": ["07"]}
    assert "book_licence" in str(target["follow_ups"])


def test_what_each_spike_needs_is_measured_before_the_first_change(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.ok("skip", "01", "django", "--why", "No time.")
    day_copy.ok("start", "02", "django")
    (morning,) = day_copy.events("morning")
    assert morning["framework"] == "django"
    assert morning["lines"]["staff_screens"] > 100


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "99", "django"), "There is no change 99; there are 01"),
        (("start", "01", "flask"), "'flask' is not a spike; write django or fastapi."),
        (("start", "02", "django"), "01 comes first and is part of what 02 asks for."),
        (("done", "01", "django"), "01 was not begun in django: twinspike start 01 django"),
        (("pause", "django"), "Nothing is under way in django."),
        (("skip", "01", "django"), "Say why in a sentence"),
        (("watch", "django"), "Nothing is under way in django; begin with: twinspike start 01"),
        (("answer", "01", "django"), "01 has no answer key: nobody has written one"),
        (("check", "--change", "01"), "01 was not begun in django"),
        (("check", "djngo"), "'djngo' is not a spike; write django or fastapi."),
        (("day", "--copy", "elsewhere"), "elsewhere is not there."),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_is_refused(day_copy: DayCopy, words: tuple[str, ...], said: str) -> None:
    assert said in day_copy.refused(*words)
    assert not (day_copy.home / "evidence.jsonl").exists()


def test_a_second_start_is_refused_while_one_runs(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    assert "01 is under way in django already." in day_copy.refused("start", "01", "django")
    said = day_copy.refused("start", "02", "django")
    assert "01 is under way in django. End it first: twinspike done 01 django" in said
    day_copy.ok("start", "01", "fastapi")


def test_a_change_out_of_order_asks_once(day_copy: DayCopy) -> None:
    day_copy.ok("start", "02", "django", "--yes")
    day_copy.ok("skip", "02", "django", "--why", "Too large.")
    day_copy.ok("start", "03", "django")


def test_a_copy_without_the_days_folder_is_refused(day_copy: DayCopy) -> None:
    (day_copy.home / "changes").rename(day_copy.home / "elsewhere")
    assert "has no folder changes/" in day_copy.refused("start", "01", "django")


def test_a_clock_that_went_back_is_refused(day_copy: DayCopy) -> None:
    later = (datetime.now().astimezone() + timedelta(hours=1)).isoformat()
    day_copy.write("evidence.jsonl", f'{{"event": "light", "at": "{later}"}}\n')
    assert "stands before the last event" in day_copy.refused("start", "01", "django")
    day_copy.ok("start", "01", "django", "--yes")


def test_a_broken_last_line_harms_nothing(day_copy: DayCopy) -> None:
    day_copy.write("evidence.jsonl", '{"event": "st')
    assert "evidence.jsonl, line 1 is not an event" in day_copy.ok("day")
    day_copy.ok("start", "01", "django")
    assert "running" in day_copy.ok("day")


# Going on and ending


def test_a_pause_stops_the_clock_and_start_lets_it_go_on(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    assert "01 is paused in django." in day_copy.ok("pause", "django")
    assert "paused in django already" in day_copy.refused("pause", "django")
    assert "01 is paused in django" in day_copy.refused("watch", "django")
    assert "01 goes on in django." in day_copy.ok("start", "01", "django")
    assert [event["event"] for event in day_copy.events()] == [
        "morning",
        "start",
        "light",
        "pause",
        "resume",
    ]


def test_going_on_answers_programs_in_json_alone(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.ok("pause", "django")
    told = json.loads(day_copy.ok("start", "01", "django", "--json"))
    assert (told["change"], told["framework"], told["light"]) == ("01", "django", "red")


def test_done_measures_what_was_changed(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django", "--by", "anna")
    day_copy.tell(test_a="passed", test_b="passed")
    models = "django_spike/spike/models.py"
    day_copy.write(models, (day_copy.home / models).read_text() + "ONE = 1\nTWO = 2\n")
    day_copy.write("django_spike/spike/migrations/0002_more.py", "# more\n")
    day_copy.write("django_spike/tests/test_more.py", "# more\n")
    day_copy.write("fastapi_spike/spike/models.py", "not ours\n")
    said = day_copy.ok("done", "01", "django")
    assert "01 is done in django: 0" in said
    assert "2 lines in 1 file, and 1 of tests, 1 of migrations." in said
    assert "Next: twinspike start 02 django" in said
    (done,) = day_copy.events("done")
    assert done["lines"] == {"data_model": 2}
    assert done["files"] == 1
    assert done["tests"] == done["migrations"] == {"lines": 1, "files": 1}
    assert done["by"] == ["anna"]
    assert (done["green"], done["first"], done["answered"]) == (True, True, False)
    assert done["lights"] == {"red": 1, "amber": 0, "green": 1}
    assert "01 is done in django already." in day_copy.refused("done", "01", "django")
    assert "nothing to start" in day_copy.refused("start", "01", "django")


def test_a_red_change_is_not_done_unless_that_is_the_finding(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    said = day_copy.refused("done", "01", "django")
    assert "01 is not done in django: 1 test red. The clock goes on." in said
    assert "--unfinished" in said
    done = day_copy.run("done", "01", "django", "--unfinished")
    assert done.returncode == 1
    (told,) = day_copy.events("done")
    assert (told["green"], told["failed"]) == (False, 1)


def test_done_answers_programs_in_json_alone(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.tell(test_a="passed", test_b="passed")
    told = json.loads(day_copy.ok("done", "01", "django", "--json"))
    assert (told["change"], told["green"], told["files"]) == ("01", True, 0)


def test_pause_skip_and_check_answer_programs_in_json_alone(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    paused = json.loads(day_copy.ok("pause", "django", "--json"))
    assert (paused["change"], paused["framework"]) == ("01", "django")
    assert 0 <= paused["minutes"] < 5
    judged = day_copy.run("check", "--json")
    told = json.loads(judged.stdout)
    assert (judged.returncode, told["green"]) == (1, False)
    assert sorted(told["spikes"]) == ["django", "fastapi"]
    side = told["spikes"]["django"]
    assert (side["light"], side["passed"], side["failed"]) == ("red", 1, 1)
    assert side["failures"] == [{"test": "test_b", "reason": "test_b says so"}]
    own = json.loads(day_copy.run("check", "django", "--change", "01", "--json").stdout)
    assert (own["green"], own["spikes"]["django"]["failed"]) == (False, 1)
    skipped = json.loads(day_copy.ok("skip", "01", "django", "--why", "Late.", "--json"))
    assert skipped == {"change": "01", "framework": "django", "why": "Late."}


def test_what_is_skipped_is_no_target_and_says_why(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    assert "01 is skipped" in day_copy.ok("skip", "01", "django", "--why", "Nobody needs it.")
    assert "twinspike answer 03 django --apply" in day_copy.ok(
        "skip", "03", "django", "--why", "Not our system."
    )
    skipped, never_begun = day_copy.events("skip")
    assert skipped["why"] == "Nobody needs it."
    assert skipped["lights"] == {"red": 1, "amber": 0, "green": 0}
    assert never_begun["lights"] == {"red": 0, "amber": 0, "green": 0}
    assert not (day_copy.home / ".twinspike/targets/django.yml").exists()
    assert "skipped ■ Nobody needs it." in " ".join(day_copy.ok("day").split())


def test_who_has_begun_first_built_first_whatever_the_plan_says(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "fastapi")
    day_copy.ok("start", "01", "django")
    assert [event["first"] for event in day_copy.events("start")] == [True, False]
    day_copy.run("done", "01", "fastapi", "--unfinished")
    day_copy.run("done", "01", "django", "--unfinished")
    assert [event["first"] for event in day_copy.events("done")] == [True, False]


# The plan


def test_the_plan_says_who_builds_first_and_what_is_next(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django", "--by", "anna")
    plan = json.loads(day_copy.ok("day", "--json"))
    assert [change["builds_first"] for change in plan["changes"]][:3] == [
        "django",
        "fastapi",
        "django",
    ]
    assert plan["next"] == {"django": "01", "fastapi": "01"}
    side = plan["changes"][0]["sides"]["django"]
    assert (side["state"], side["lights"], side["by"]) == ("running", ["red"], ["anna"])
    assert plan["changes"][0]["sides"]["fastapi"]["state"] == "open"


def test_a_whole_check_is_a_light_of_what_is_under_way(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.tell(test_a="passed", test_b="passed")
    day_copy.ok("check")
    lights = [(each["framework"], each["light"]) for each in day_copy.events("light")]
    assert lights == [("django", "red"), ("django", "green")]


def test_a_part_of_the_suite_is_no_light(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.run("check", "django", "-k", "test_a")
    assert len(day_copy.events("light")) == 1


def test_a_start_that_was_interrupted_is_made_up_for(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    (day_copy.home / ".twinspike" / "own-01-django.txt").unlink()
    own = json.loads(day_copy.run("check", "django", "--change", "01", "--json").stdout)
    assert own["spikes"]["django"]["failed"] == 1
    assert (day_copy.home / ".twinspike" / "own-01-django.txt").is_file()


def test_the_own_tests_of_a_change_are_a_light(day_copy: DayCopy) -> None:
    day_copy.ok("start", "01", "django")
    day_copy.tell(test_a="failed", test_b="passed")
    day_copy.ok("check", "django", "--change", "01")
    assert day_copy.events("light")[-1]["light"] == "green"
