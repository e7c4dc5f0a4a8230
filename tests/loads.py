"""What `python -m suite load` finds, made up from a few answer times for the tests of what is shown of it."""

from pathlib import Path
from runpy import run_path
from typing import Any

SUITE = Path(__file__).parents[1] / "templates" / "acceptance" / "suite"
FIGURES = run_path(str(SUITE / "figures.py"))
MOMENTS = run_path(str(SUITE / "moments.py"))
TABLE = run_path(str(SUITE / "load_table.py"))
OF_A_TURN = ("number", "invalid", "curve", "spread")
USED = {"processor_ms": 4.25, "memory_mb": 63, "processes": 2, "threads": 10, "connections": 8}


def sample(milliseconds: float, failure: str = "", *, due: float = 0, sent: float = 0) -> Any:
    """A request that was answered after so long."""
    return FIGURES["Sample"]("record", due, sent, milliseconds / 1000, failure)


def turn(samples: list[Any], number: int = 1, busy: float = 0.2) -> dict[str, Any]:
    """A turn of four seconds."""
    figures = FIGURES["figures"]([samples], 4)
    return {
        "number": number,
        **vars(figures),
        "failed": figures.failed,
        "used": {"web": USED, "worker": USED},
        "invalid": FIGURES["invalid"](samples, busy),
        "curve": FIGURES["curve"](samples, 4),
        "spread": FIGURES["spread"](samples),
    }


def told(**spikes: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole, with these turns of each spike."""
    found = {
        name: {
            **{name: value for name, value in turns[0].items() if name not in OF_A_TURN},
            "valid": sum(not turn["invalid"] for turn in turns),
            "web": "gunicorn config.wsgi",
            "worker": "python manage.py deliver",
            "database": "SQLite 3.40.1, journal wal",
            "turns": turns,
        }
        for name, turns in spikes.items()
    }
    return {
        "users": 10,
        "seconds": 4,
        "turns": 2,
        "spawn_rate": 200.0,
        "workers": 1,
        "patience": 10,
        "mixture": {"record": 0.4, "list": 0.6},
        "processors": 2,
        "load": 0.5,
        "spikes": found,
    }


def usual() -> dict[str, Any]:
    """Two spikes with two turns each: some requests of Django's second failed, FastAPI's second is invalid."""
    well = [sample(5 + number, due=number / 10) for number in range(40)]
    failing = [sample(5, "answered 500" if n < 4 else "", due=n / 10) for n in range(40)]
    late = [sample(400, due=number / 10, sent=0.3) for number in range(40)]
    return told(django=[turn(well), turn(failing, 2)], fastapi=[turn(well), turn(late, 2)])
