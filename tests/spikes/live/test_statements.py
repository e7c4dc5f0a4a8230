"""How many SQL statements a page or an answer takes does not depend on how many records there are."""

import importlib
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ..copies import ROOT, SPIKES

MOST = 25
FEW, MANY = 25, 2_500  # records
PIECES = MANY // 500  # an export may read its records in pieces, each with a statement


@pytest.mark.parametrize("spike", SPIKES)
def test_statements_do_not_grow_with_the_records(
    sites: dict[str, Any], spike: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    statements = importlib.import_module("statements")
    suite = importlib.import_module("suite.spike")
    databases = importlib.import_module("suite.database")
    kind = importlib.import_module("suite.site").Site
    log = tmp_path / "statements"
    first = sites[spike].spike
    with databases.database(spike) as address:
        changed = {"DATABASE_URL": address, "PORT": str(suite.free_port())}
        with suite.Spike(spike, {**first.environment, **changed}, first.log) as own:
            own.must("release")
            own.must("demo")
            own.wait(own.start("web", **statements.traced(log)))
            site = kind(sites[spike].flow, own.url, sites[spike].password, spike=own)
            database = Path(urlsplit(address).path.removeprefix("/"))
            found = statements.counted(site, database, log, (FEW, MANY))
            site.close()
    print(f"{spike}: statements with {FEW} and with {MANY} records: {found}")
    del sys.modules["statements"]
    more = {page: many - few for page, (few, many) in found.items() if few != many}
    assert {
        page for page, number in more.items() if "export" not in page or number > PIECES
    } == set()
    assert all(0 < few <= MOST for few, _ in found.values()), found
