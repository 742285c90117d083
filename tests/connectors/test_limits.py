"""Small files that become large, and records without end: refused with the reason, in bounded memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from duckdb import CatalogException

from connectors import limits
from connectors.formats import text_lines
from connectors.formats.batch import UnreadableFile
from connectors.limits import bounded_memory, unpacked
from warehouse.connection import open_memory, transaction
from warehouse.errors import SourceError

if TYPE_CHECKING:
    from tests.connectors.conftest import Nights

MEBIBYTE = 1024 * 1024
ADDRESS_SPACE = 2048 * MEBIBYTE
"""Enough for DuckDB, Arrow and their threads at rest, and for a few blocks; not for what is refused here."""

SOURCE = {"holds": "account", "files": "people.csv", "format": "csv", "key": "id", "fields": {"full_name": "name"}}

LAND = """
import json, resource, sys
from pathlib import Path
most, workspace, name = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
from datetime import datetime
from connectors.land import land_source
from warehouse.connection import open_database
from warehouse.errors import SourceError
from warehouse.run import Run
from warehouse.settings import Settings
from warehouse.tables import landing
con = open_database(workspace / "w.duckdb", threads=1)
con.execute("CREATE SCHEMA landing")
for spec in landing.TABLES:
    con.execute(spec.create_sql())
source = {"holds": "account", "files": name, "format": "csv", "key": "id", "fields": {"full_name": "name"}}
settings = Settings.model_validate({"version": 1, "sources": {"people": source}})
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    told = dict(land_source(con, settings, Run("n1", workspace, datetime(2025, 1, 1)), "people").figures)
    told["bad"] = con.execute("SELECT line, reason, detail, length(raw) FROM landing.quarantine ORDER BY 1").fetchall()
except SourceError as error:
    told = {"refused": str(error)}
except MemoryError:
    told = {"memory": "exhausted"}
print(json.dumps(told))
"""


def landed(workspace: Path, name: str, most: int = ADDRESS_SPACE) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", LAND, str(most), str(workspace), name],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def bomb(first: bytes, repeated: bytes, times: int) -> bytes:
    """Return gzip bytes that become `first` and then `repeated` so many times, made without all of it in memory."""
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(first)]
    parts += [packer.compress(repeated) for _ in range(times)]
    return b"".join([*parts, packer.flush()])


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv.gz").write_bytes(bomb(b"id,name\n", b"1,aaaaaaaaaaaa\n" * 70_000, 400))
    told = landed(tmp_path, "people.csv.gz")
    assert "people.csv.gz" in told["refused"]
    assert "at most 200 times as many are read" in told["refused"]
    assert "unpack it and deliver it as it is" in told["refused"]


def test_what_packs_well_is_no_bomb(nights: Nights) -> None:
    rows = "".join(f"{number},Ann\n" for number in range(2000))
    nights.write("people.csv.GZ", gzip.compress(f"id,name\n{rows}".encode()))
    assert nights.land({"people": SOURCE | {"files": "people.csv.GZ"}})["people"]["new"] == 2000


def test_the_absolute_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(bytes(range(256)) * 40_000))
    with packed.open("rb") as stream:
        assert len(unpacked(stream).read()) == 256 * 40_000
    monkeypatch.setattr(limits, "MOST_BYTES", 5 * MEBIBYTE)
    with packed.open("rb") as stream, pytest.raises(UnreadableFile, match="5,242,880 in all"):
        unpacked(stream).read()


def test_a_field_of_40_megabytes_costs_its_record(tmp_path: Path) -> None:
    huge = b"x" * (40 * MEBIBYTE)
    (tmp_path / "people.csv").write_bytes(b"id,name\n1,Ann\n2," + huge + b'\n3,Bob\n4,"' + huge + b'"\n5,Cy\n')
    told = landed(tmp_path, "people.csv")
    assert (told["read"], told["new"], told["quarantined"]) == (5, 3, 2)
    assert [(line, reason) for line, reason, *_ in told["bad"]] == [(3, "field_too_long"), (5, "field_too_long")]
    assert all("4,194,304 characters; shorten it" in detail and raw <= 65_536 for *_, detail, raw in told["bad"])


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "people.csv").open("wb") as out:
        out.write(b"id,name\n1,Ann\n2,")
        for _ in range(100):
            out.write(b"x,  " * (MEBIBYTE // 4))
    refused = landed(tmp_path, "people.csv")["refused"]
    assert "line 3 is longer than 67,108,864 characters" in refused
    assert "one record per line" in refused


def test_the_bound_on_memory_is_one(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"id,name\n2," + b"x" * (60 * MEBIBYTE))
    assert landed(tmp_path, "people.csv", most=400 * MEBIBYTE) == {"memory": "exhausted"}


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    names = ",".join(f"c{place}" for place in range(100_000))
    (tmp_path / "people.csv").write_text(f"id,name,{names}\n1,Ann\n")
    refused = landed(tmp_path, "people.csv")["refused"]
    assert "it has 100002 columns, at most 4096 are read: check its format and options" in refused


def test_a_packed_file_under_another_name_is_told(nights: Nights) -> None:
    nights.write("people.csv", gzip.compress(b"id,name\n1,Ann\n"))
    with pytest.raises(SourceError, match=r"it is packed by gzip: let its name end in \.gz"):
        nights.land({"people": SOURCE})


def test_blocks_hold_few_characters(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes((b"x" * 999 + b"\n") * 60_000)
    with path.open("rb") as stream:
        longest = max(map(len, text_lines.whole_lines(stream, "utf-8")))
    assert longest <= text_lines.BLOCK_BYTES + 1000


def test_queries_of_a_landing_have_bounded_memory() -> None:
    con = open_memory(threads=1)
    asked = "SELECT current_setting('memory_limit')"
    before = con.execute(asked).fetchall()
    with bounded_memory(con):
        assert con.execute(asked).fetchall() == [(f"{limits.MEMORY_MIB}.0 MiB",)]
    with pytest.raises(CatalogException), transaction(con), bounded_memory(con):
        con.execute("FROM nothing")
    assert con.execute(asked).fetchall() == before
    con.execute("SET memory_limit = '100 MiB'")
    with bounded_memory(con):
        assert con.execute(asked).fetchall() == [("100.0 MiB",)]
    con.close()
