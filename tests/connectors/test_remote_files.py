from __future__ import annotations

import gzip
import socket
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import found_file, stores
from connectors.files import find_files, open_file
from connectors.preview import preview
from tests import servers
from tests.servers import PASSWORD, READER
from warehouse.errors import SettingsError, SourceError, SurroundingsError
from warehouse.settings.load import load_settings
from warehouse.settings.secrets import mask_url, reveal_url, scrub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.connectors.conftest import Nights
    from tests.servers import S3, SFTP

HEADER = b"id,email\n"
COUNTS = ("read", "new", "changed", "unchanged", "duplicate", "superseded", "quarantined", "deleted")


def people(files: str, **changes: object) -> dict[str, Any]:
    source = {"holds": "account", "files": files, "format": "csv", "key": "id", "fields": {"email": "email"}}
    return {"people": {**source, **changes}}


def counted(figures: dict[str, Any]) -> dict[str, int]:
    return {name: figures[name] for name in COUNTS if figures[name]}


def refused(nights: Nights, source: dict[str, Any]) -> str:
    """Return what a night says that cannot read its source."""
    with pytest.raises(SourceError) as caught:
        nights.land(source)
    assert "\n" not in caught.value.message
    assert PASSWORD not in str(caught.value)
    return caught.value.message


@pytest.fixture(scope="module")
def s3_server() -> Iterator[S3]:
    with servers.s3("exports") as found:
        yield found


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    client = s3_server.client()
    for found in client.list_objects_v2(Bucket="exports").get("Contents", ()):
        client.delete_object(Bucket="exports", Key=found["Key"])
    return s3_server


@pytest.fixture
def sftp(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[SFTP]:
    monkeypatch.setenv("SFTP_PASSWORD", PASSWORD)
    with servers.sftp(tmp_path_factory.mktemp("sftp")) as found:
        yield found


# --- object stores ----------------------------------------------------------------------------------------------------


def test_nights_of_an_object_store(nights: Nights, s3: S3) -> None:
    source = people("s3://exports/daily/people*.csv*")
    s3.put("exports", "daily/people-1.csv", HEADER + b"1,ann@x.example\n2,bob@x.example\n")
    s3.put("exports", "daily/people-2.csv.gz", gzip.compress(HEADER + b"3,cid@x.example\n"))
    s3.put("exports", "daily/people-3.csv.part", HEADER + b"9,")
    s3.put("exports", "daily/readme.txt", b"?")
    assert "by its name still being written" in refused(nights, source)
    s3.client().delete_object(Bucket="exports", Key="daily/people-3.csv.part")
    assert counted(nights.land(source)["people"]) == {"read": 3, "new": 3}
    s3.put("exports", "daily/people-1.csv", HEADER + b"1,anna@x.example\n")
    assert counted(nights.land(source)["people"]) == {"read": 2, "changed": 1, "unchanged": 1, "deleted": 1}
    path, arrived_at, etag = nights.rows("SELECT path, arrived_at, etag FROM landing.file ORDER BY path")[0]
    assert path == "s3://exports/daily/people-1.csv"
    assert arrived_at is not None
    assert etag


def test_what_a_store_has_by_the_same_etag_is_not_fetched_again(
    nights: Nights, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    hashed = found_file.hash_file

    def counting(path: Path) -> str:
        fetched.append(path.name)
        return hashed(path)

    monkeypatch.setattr(stores, "hash_file", counting)
    source = people("s3://exports/people*.csv", load="incremental")
    s3.put("exports", "people-1.csv", HEADER + b"1,ann@x.example\n")
    nights.land(source, publish=False)
    nights.land(source)
    s3.put("exports", "people-2.csv", HEADER + b"2,bob@x.example\n")
    assert counted(nights.land(source)["people"]) == {"read": 1, "new": 1}
    assert len(fetched) == 3
    assert nights.land(source)["people"]["outcome"] == "nothing_new"
    s3.put("exports", "people-1.csv", HEADER + b"1,anna@x.example\n")
    assert counted(nights.land(source)["people"]) == {"read": 1, "changed": 1}
    newest = people("s3://exports/people*.csv", load="incremental", take="latest")
    assert nights.land(newest)["people"]["outcome"] == "nothing_new"
    mapped = people("s3://exports/people*.csv", load="incremental", trust=7)
    assert counted(nights.land(mapped)["people"]) == {"read": 2, "unchanged": 2}


def test_parquet_of_a_store(nights: Nights, s3: S3) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["007"], "email": ["ann@x.example"]}), sink)
    s3.put("exports", "people.parquet", sink.getvalue().to_pybytes())
    assert counted(nights.land(people("s3://exports/people.parquet", format="parquet"))["people"]) == {
        "read": 1,
        "new": 1,
    }
    assert nights.live() == [("007",)]


def test_check_looks_into_a_store(nights: Nights, s3: S3) -> None:
    s3.put("exports", "people.csv", HEADER + b"1,ann@x.example\n")
    shown = preview(nights.settings(people("s3://exports/people.csv")), nights.workspace, "people")
    assert (shown.files, shown.rows) == (("s3://exports/people.csv",), 1)


def test_a_store_is_opened_with_what_storage_says(nights: Nights, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put("exports", "people.csv", HEADER + b"1,ann@x.example\n")
    endpoint = s3.environment["AWS_ENDPOINT_URL"]
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("STORE_KEY", "a-key")
    monkeypatch.setenv("STORE_SECRET", "hidden-here")
    monkeypatch.setenv("BUCKET", "exports")
    storage = {
        "endpoint_url": endpoint,
        "key": "${STORE_KEY}",
        "secret": "${STORE_SECRET}",
        "config_kwargs": {"read_timeout": 5},
    }
    source = people("s3://${BUCKET}/people.csv", options={"storage": storage})
    assert counted(nights.land(source)["people"]) == {"read": 1, "new": 1}
    assert nights.rows("SELECT path FROM landing.file") == [("s3://${BUCKET}/people.csv",)]
    wrong = people("s3://exports/people.csv", options={"storage": {**storage, "endpoint_url": "nonsense"}})
    assert "cannot be looked into" in refused(nights, wrong)


def test_what_an_object_store_refuses(nights: Nights, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no file matches s3://exports/people*.csv" in refused(nights, people("s3://exports/people*.csv"))
    assert "no file matches s3://exports/people.csv" in refused(nights, people("s3://exports/people.csv"))
    for files in ("s3://nobody/people*.csv", "s3://nobody/people.csv"):
        message = refused(nights, people(files))
        assert f"{files} cannot be looked into: The specified bucket does not exist" in message
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    began = time.monotonic()
    assert "Could not connect to the endpoint" in refused(nights, people("s3://exports/people*.csv"))
    assert time.monotonic() - began < 60


def test_a_file_that_changes_while_it_is_fetched(nights: Nights, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put("exports", "people.csv", HEADER + b"1,ann@x.example\n")
    hashed = found_file.hash_file

    def changing(path: Path) -> str:
        s3.put("exports", "people.csv", HEADER + b"2,bob@x.example\n")
        return hashed(path)

    monkeypatch.setattr(stores, "hash_file", changing)
    assert "changed while it was read" in refused(nights, people("s3://exports/people.csv"))
    assert not nights.live()


# --- SFTP -------------------------------------------------------------------------------------------------------------


def test_nights_of_an_sftp_server(nights: Nights, sftp: SFTP) -> None:
    options = {"storage": {"known_hosts": str(sftp.known_hosts)}}
    source = people(f"sftp://{READER}:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/out/people*.csv*", options=options)
    (sftp.folder / "out").mkdir()
    (sftp.folder / "out" / "people-1.csv").write_bytes(HEADER + b"1,ann@x.example\n")
    (sftp.folder / "out" / "people-2.csv.gz").write_bytes(gzip.compress(HEADER + b"2,bob@x.example\n"))
    assert counted(nights.land(source)["people"]) == {"read": 2, "new": 2}
    (sftp.folder / "out" / "people-2.csv.gz").unlink()
    assert counted(nights.land(source)["people"]) == {"read": 1, "unchanged": 1, "deleted": 1}
    ((path, arrived_at),) = nights.rows("SELECT DISTINCT path, arrived_at FROM landing.file WHERE path LIKE '%-1.csv'")
    assert path == f"sftp://{READER}:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/out/people-1.csv"
    assert arrived_at is not None


def test_a_password_in_the_settings_is_not_shown(nights: Nights, sftp: SFTP) -> None:
    options = {"storage": {"known_hosts": str(sftp.known_hosts)}}
    (sftp.folder / "people.csv").write_bytes(HEADER + b"1,ann@x.example\n")
    place = f"127.0.0.1:{sftp.port}/people.csv"
    nights.land(people(f"sftp://{READER}:{quote(PASSWORD, safe='')}@{place}", options=options))
    assert nights.rows("SELECT path FROM landing.file") == [(f"sftp://{READER}:***@{place}",)]
    message = refused(nights, people(f"sftp://{READER}:not-this-one@{place}", options=options))
    assert f"sftp://{READER}:***@{place} cannot be looked into: Permission denied for user {READER}" in message
    assert "not-this-one" not in message
    message = refused(nights, people(f"sftp://{READER}:{quote(PASSWORD, safe='')}@{place}2", options=options))
    assert f"no file matches sftp://{READER}:***@{place}2" in message
    assert quote(PASSWORD, safe="") not in message


def test_a_host_has_to_be_known(nights: Nights, sftp: SFTP, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(nights.workspace))
    (sftp.folder / "people.csv").write_bytes(HEADER + b"1,ann@x.example\n")
    source = people(f"sftp://{READER}:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/people.csv")
    assert "Host key is not trusted" in refused(nights, source)
    nights.write("hosts", sftp.known_hosts.read_bytes())
    assert counted(
        nights.land(people(source["people"]["files"], options={"storage": {"known_hosts": ["hosts"]}}))["people"]
    )
    assert "Host key is not trusted" in refused(nights, source)
    nights.write(".ssh/known_hosts", sftp.known_hosts.read_bytes())
    assert counted(nights.land(source)["people"]) == {"read": 1, "unchanged": 1}


def test_a_server_that_does_not_answer(nights: Nights, sftp: SFTP, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        source = people(f"sftp://{READER}:x@127.0.0.1:{port}/people.csv", options={"storage": {"timeout": 0.2}})
        assert "no answer" in refused(nights, source)
    assert "Connect call failed" in refused(nights, people(f"sftp://{READER}:x@127.0.0.1:9/people.csv"))
    options = {"storage": {"known_hosts": str(sftp.known_hosts)}}
    nowhere = people(f"sftp://{READER}:${{SFTP_PASSWORD}}@127.0.0.1:{sftp.port}/nowhere/people*.csv", options=options)
    assert "no file matches" in refused(nights, nowhere) or "cannot be looked into" in refused(nights, nowhere)


# --- the web ----------------------------------------------------------------------------------------------------------


def test_a_file_of_the_web(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    nights.write("www/people.csv", HEADER + b"1,ann@x.example\n")
    nights.write("www/people.csv.gz", gzip.compress(HEADER + b"2,bob@x.example\n"))
    with servers.web(nights.workspace / "www") as address:
        source = people(f"{address}/people.csv?token=hidden-here")
        assert counted(nights.land(source)["people"]) == {"read": 1, "new": 1}
        assert nights.rows("SELECT path FROM landing.file") == [(f"{address}/people.csv?token=***",)]
        figures = nights.land(people(f"{address}/people.csv.gz?part=1"))["people"]
        assert counted(figures) == {"read": 1, "new": 1, "deleted": 1}
        message = refused(nights, people(f"{address}/nowhere.csv?token=hidden-here"))
        assert f"no file matches {address}/nowhere.csv?token=***" in message


# --- whatever else ----------------------------------------------------------------------------------------------------


def test_a_copy_goes_when_it_was_read(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(nights.workspace / "copies"))
    (nights.workspace / "copies").mkdir()
    fsspec.filesystem("memory").pipe("/people/1.csv", HEADER + b"1,ann@x.example\n")
    source = nights.settings(people("memory://people/*.csv")).sources["people"]
    (file,) = find_files(source, nights.workspace)
    assert file.path == "memory://people/1.csv"
    with open_file(file) as stream:
        assert stream.read() == HEADER + b"1,ann@x.example\n"
    assert len(list((nights.workspace / "copies").iterdir())) == 1
    del file
    assert not list((nights.workspace / "copies").iterdir())


def test_a_disk_that_is_full_is_no_fault_of_the_source(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path) -> str:
        raise OSError(28, "No space left on device")

    fsspec.filesystem("memory").pipe("/people/1.csv", HEADER)
    monkeypatch.setattr(stores, "hash_file", full)
    with pytest.raises(SurroundingsError, match=r"has no room for memory://people/1\.csv: make room, or set TMPDIR"):
        nights.land(people("memory://people/*.csv"))


def test_a_maildir_may_lie_elsewhere(nights: Nights) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/cur/1:2,S", b"From: Ann <ann@x.example>\nMessage-ID: <1@x>\n\nHello\n")
    memory.pipe("/box/.Sent/new/2", b"From: Ann <ann@x.example>\nMessage-ID: <2@x>\n\nHello\n")
    source = {"holds": "message", "files": "memory://box", "format": "maildir"}
    assert counted(nights.land({"mail": source})["mail"]) == {"read": 2, "new": 2}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("nowhere://x/*.csv", "Protocol not known: nowhere"),
        ("gs://bucket/people*.csv", "the Python package"),
        ("http://127.0.0.1:9/people.csv", "Cannot connect to host"),
    ],
)
def test_a_place_out_of_reach(nights: Nights, files: str, said: str) -> None:
    message = refused(nights, people(files))
    assert f"{files} cannot be looked into: " in message
    assert said in message


def test_storage_is_for_stores(tmp_path: Path) -> None:
    (tmp_path / "joinedup.yaml").write_text(
        "version: 1\nsources:\n  people: {holds: account, files: a.csv, format: csv, key: id, fields: {email: email},"
        " options: {storage: {anon: true}}}\n"
    )
    with pytest.raises(SettingsError, match="it is for files at a URL") as caught:
        load_settings(tmp_path / "joinedup.yaml")
    assert caught.value.key == "sources.people.options.storage"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:${PW}@db/shop", "postgresql://ann:${PW}@db/shop"),
        ("postgresql://ann:secret@db/shop?sslmode=require", "postgresql://ann:***@db/shop?sslmode=require"),
        ("sftp://ann:sec/ret@host/a", "sftp://ann:***@host/a"),
        ("sftp://ann:sec@ret@host/a@b", "sftp://ann:***@host/a@b"),
        ("sftp://ann@host:22/a@b", "sftp://ann@host:22/a@b"),
        ("https://host/a.csv?X-Amz-Signature=abc&part=1", "https://host/a.csv?X-Amz-Signature=***&part=1"),
        ("s3://bucket/a*.csv", "s3://bucket/a*.csv"),
        ("${DATABASE_URL}", "${DATABASE_URL}"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_a_secret_may_hold_any_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "p@s/s w")
    monkeypatch.setenv("HOST", "db:5432")
    monkeypatch.setenv("ALL", "postgresql://ann:whole@db/shop")
    url = reveal_url("postgresql://ann:${PW}@${HOST}/shop")
    assert url == "postgresql://ann:p%40s%2Fs%20w@db:5432/shop"
    assert scrub(f"no {url}, no p@s/s w", "postgresql://ann:${PW}@db/shop") == (
        "no postgresql://ann:${PW}@db:5432/shop, no ${PW}"
    )
    assert scrub("whole is wrong at postgresql://ann:whole@db/shop", "${ALL}") == "*** is wrong at ${ALL}"
    with pytest.raises(SettingsError, match="UNSET_HERE is not set"):
        reveal_url("postgresql://ann:${UNSET_HERE}@db/shop")
