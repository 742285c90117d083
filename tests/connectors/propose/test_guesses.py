"""The single guesses: formats of dates, marks of numbers, numbers that are quoted, headers, names of columns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.propose.across import number_pattern
from connectors.propose.dates import epoch_unit, formats_of
from connectors.propose.delimiters import is_header, propose_dialect
from connectors.propose.file_bytes import kind_of
from connectors.propose.header import meanings
from connectors.propose.numbers import number_style
from connectors.propose.statuses import sorted_statuses
from connectors.propose.yaml_text import flow
from warehouse.settings.positions import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%SZ",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y%m%d",
    "%d %b %Y",
    "%B %d, %Y",
    "%a, %d %b %Y %H:%M:%S +0200",
    "%d-%b-%y",
)
FIRST = datetime(1999, 1, 1, 8, 30)  # noqa: DTZ001 - what exports write has no zone


@pytest.mark.parametrize("pattern", FORMATS)
@given(start=st.integers(0, 9_000))
def test_a_format_is_found_from_the_dates_it_wrote(pattern: str, start: int) -> None:
    texts = [(FIRST + timedelta(days=start + 13 * step, seconds=step)).strftime(pattern) for step in range(40)]
    found = formats_of(texts)
    assert found.formats == (pattern.replace("+0200", "%z"),)
    assert (found.share, found.instead) == (1.0, "")


def test_what_may_be_day_or_month_is_unsure() -> None:
    texts = ["01/02/2024", "03/04/2024", "05/06/2024"]
    assert formats_of(texts).formats == ("%m/%d/%Y",)
    assert formats_of(texts, day_first=True).formats == ("%d/%m/%Y",)
    assert "%d/%m" in formats_of(texts).instead
    assert formats_of(["01.02.2024"]).formats == ("%d.%m.%Y",)
    assert formats_of(["hello", "2024", "12", "555-0114", "1.2"]).formats == ()
    assert epoch_unit(["1700000000", "1600000000"]) == "s"
    assert epoch_unit(["1700000000123"]) == "ms"
    assert epoch_unit(["2065550114", "9175550114"]) == ""


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        (["1.5", "20", "3.25"], {}),
        (["1,5", "20", "3,25"], {"decimal": ","}),
        (["1.234,50", "20", "-3,25"], {"decimal": ",", "thousands": "."}),
        (["1,234.50", "20"], {"thousands": ","}),
        (["1 234,50", "2 000,00"], {"decimal": ",", "thousands": " "}),
    ],
)
def test_marks_of_numbers(texts: list[str], keys: dict[str, str]) -> None:
    style = number_style(texts)
    assert (style.keys, style.share) == (keys, 1.0)


def test_signs_beside_numbers_are_seen_and_words_are_none() -> None:
    assert number_style(["$1,200.00", "$3.50"]).sign == "$"
    assert number_style(["12,50 €", "3,00 €"]).sign == "€"
    assert number_style(["one", "two"]).share == 0
    assert number_style(["1.234", "2.500"]).instead


def test_numbers_that_are_quoted_get_a_pattern() -> None:
    assert number_pattern([f"SO-{number:08d}" for number in range(5)]) == r"SO-\d{8}"
    assert number_pattern(["CASE-7", "CASE-1200"]) == r"CASE-\d+"
    assert number_pattern(["12", "7"]) == ""
    assert number_pattern([]) == ""


def test_statuses_are_sorted_where_their_words_are_known() -> None:
    found = sorted_statuses(["In_Progress", "geliefert", "annulée", "dunning", "Open", "open"])
    assert found == {"open": ["In_Progress", "Open"], "closed": ["geliefert"], "cancelled": ["annulée"]}


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("E-Mail", "email"),
        ("billing_zip", "postal_code"),
        ("Geb.-Datum", "birth_date"),
        ("nombre completo", "full_name"),
        ("KundenNr", "customer_id"),
        ("shipTo.postalCode", "postal_code"),
        ("frist_name", "given_name"),
        ("Prénom", "given_name"),
        ("Størrelse", None),
        ("agent_email_sent", None),
    ],
)
def test_names_of_columns(name: str, attribute: str | None) -> None:
    found = meanings(name)
    assert (found[0].attribute if found else None) == attribute or (attribute is None and found[0].score < 0.8)


def test_a_header_is_told_from_a_row() -> None:
    assert is_header(["id", "mail"], [["1", "a@x.example"]] * 5)
    assert not is_header(["1", "a@x.example"], [["2", "b@x.example"]] * 5)
    assert not is_header(["Ann", "Oslo"], [["Bob", "Oslo"]] * 5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_dialect_is_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = ["id", "name", "say"], *([str(n), "Jörg", f'"a{delimiter} ""b"" {n}"'] for n in range(9))
    (tmp_path / "x.csv").write_bytes("\n".join(delimiter.join(row) for row in rows).encode(encoding))
    found = propose_dialect(tmp_path / "x.csv").options
    assert found.get("delimiter", ",") == delimiter
    assert found.get("encoding", "utf-8") == encoding.removesuffix("-sig")
    assert set(found) <= {"delimiter", "encoding"}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", b"From: a@x.example\nTo: b@x.example\nSubject: hi\n\nhello", "eml"),
        ("a.txt", b"From a@x.example Mon May 03 03:03:15 2021\nFrom: a\n\nhello\n", "mbox"),
        ("a.dat", b'{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("a.json", b'{"rows": [{"id": 1}]}', "json"),
        ("a", b"id,mail\n1,a@x.example\n", "csv"),
    ],
)
def test_kinds_of_files(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


@given(st.recursive(st.text() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_whatever_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("yaml") / "x.yaml"
    path.write_text(f"key: {flow(value)}  # comment\n", encoding="utf-8")
    assert read_yaml(path, path.name).values == {"key": value}
