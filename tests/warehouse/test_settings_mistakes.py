"""What is wrong in joinedup.yaml is named in one line: file, line, key, what was found, what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest
from ruamel.yaml import YAML

from tests.warehouse.written_settings import MAIL, RIGHT, load, mistake
from warehouse.connection import open_memory
from warehouse.errors import SettingsError
from warehouse.settings.expression_checks import KNOWN
from warehouse.settings.load import load_settings, locate
from warehouse.settings.schema import settings_schema
from warehouse.settings.template import TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path

# ruff: disable[E501]
MISTAKES = [
    # joinedup.yaml is changed from … to …; the line and key named; words of the message
    ("    key: order_id", "    kee: order_id", 10, "sources.orders.kee", "unknown key; did you mean key? allowed: holds"),
    ("version: 1\n", "", 1, "version", "missing: write version: 1"),
    ("version: 1", "version: 2", 1, "version", "found the number 2; allowed: 1"),
    ("    holds: order\n", "", 5, "sources.orders.holds", "missing: say what a record of this source is"),
    ("holds: order", "holds: ordr", 6, "sources.orders.holds", "found 'ordr'; did you mean order? allowed: order, inv"),
    ("format: csv", "format: tsv", 8, "sources.orders.format", "found 'tsv'; did you mean csv? allowed: csv, jsonl"),
    ("format: csv", "format: xlsx", 9, "sources.orders.options.delimiter", "xlsx has no such option; allowed: header, skip"),
    ("format: csv", "format: sql", 7, "sources.orders.files", "found 'exports/orders*.csv'; allowed"),
    ("format: csv", "format: parquet", 9, "sources.orders.options.delimiter", "parquet has no such option; allowed: nulls"),
    ("    files: exports/orders*.csv\n", "", 5, "sources.orders.files", "missing: name the files"),
    ("files: exports/orders*.csv", "files: ''", 7, "sources.orders.files", "found ''; allowed: a text that is not empty"),
    ("    key: order_id\n", "", 5, "sources.orders.key", "missing: name the column that knows a record"),
    ("key: order_id", "key: order_id\n    key: id", 11, "sources.orders.key", "given twice: first in line 10"),
    ("key: order_id", "key: 7", 10, "sources.orders.key", "found the number 7; allowed: a list"),
    ("key: order_id", "key: [a, a]", 10, "sources.orders.key", "a column is named twice"),
    ("key: order_id", "key: order_id\n    trust: high", 11, "sources.orders.trust", "found 'high'; allowed: a whole number"),
    ("key: order_id", "key: order_id\n    trust: 101", 11, "sources.orders.trust", "the number 101; allowed: less than or equal to 100"),
    ('delimiter: ";"', "header: yes", 9, "sources.orders.options.header", "found 'yes'; allowed: true or false"),
    ('delimiter: ";"', "header: false", 9, "sources.orders.options.header", "name the columns"),
    ('delimiter: ";"', "encoding: utf9", 9, "sources.orders.options.encoding", "'utf9' is no encoding"),
    ("%Y-%m-%d", "%Y-%Q", 11, "sources.orders.updated_at.format", "'%Q' in '%Y-%Q' is no strptime directive"),
    ("%Y-%m-%d", "YYYY-MM-DD", 11, "sources.orders.updated_at.format", "it has no directive"),
    ("%Y-%m-%d", "%d.%m.", 11, "sources.orders.updated_at.format", "tells no year"),
    ('%Y-%m-%d"}', '%Y-%m-%d", epoch: s}', 11, "sources.orders.updated_at.epoch", "format and epoch read the same text"),
    ("every: 1d", "every: daily", 12, "sources.orders.expect.every", "found 'daily'; allowed: a whole number and one of s"),
    ("every: 1d", "every: 1", 12, "sources.orders.expect.every", "found the number 1; allowed: a whole number and one"),
    ("full_name: customer", "fullname: customer", 14, "sources.orders.fields.fullname", "did you mean full_name?"),
    ("full_name: customer", "full_name: [a, b]", 14, "sources.orders.fields.full_name", "only email, phone, address may be a list"),
    ("full_name: customer", "full_name: {colum: a}", 14, "sources.orders.fields.full_name", "did you mean column?"),
    ("full_name: customer", "full_name: {column: a, formt: b}", 14, "sources.orders.fields.full_name.formt", "did you mean format?"),
    ("full_name: customer", "full_name:", 14, "sources.orders.fields.full_name", "found nothing; allowed: a column's name"),
    ("full_name: customer", "full_name: {column: a, exclusive: true}", 14, "sources.orders.fields.full_name.exclusive", "only an identifier"),
    ("full_name: customer", "birth_date: {column: a, name_order: family_first}", 14, "sources.orders.fields.birth_date.name_order", "only full_name"),
    ("take: value", "tak: value", 15, "sources.orders.fields.email[1].tak", "unknown key; did you mean take?"),
    ("where: {type: mail}", "where: {main: true}", 15, "sources.orders.fields.email[1].where.main", "found true; allowed: a text: put it in quotes"),
    ("{first: [street, road]}", "{first: []}", 16, "sources.orders.fields.street.join[1].first", "found an empty list; allowed: at least one"),
    ("{first: [street, road]}", "{first: [{value: 5}]}", 16, "sources.orders.fields.street.join[1].first[0].value", "found the number 5"),
    ("identifier.loyalty", "identifier.loyalty-card", 17, "sources.orders.fields.identifier.loyalty-card", "is no name; allowed after"),
    ("      at:", "      att:", 19, "sources.orders.activity.att", "did you mean at? allowed: at, reference"),
    ("epoch: s", "epoch: h", 19, "sources.orders.activity.at.epoch", "found 'h'; allowed: s, ms, us, ns"),
    ("epoch: s", "decimal: '.', thousands: '.'", 19, "sources.orders.activity.at.thousands", "is the decimal mark too"),
    ("epoch: s", "decimal: ''", 19, "sources.orders.activity.at.decimal", "found ''; allowed: one character"),
    ("closed: done", "closed: New", 20, "sources.orders.activity.status.closed", "'New' is under open too"),
    ("items: sku", "items: {skuu: a}", 21, "sources.orders.activity.items.skuu", "did you mean sku?"),
    ("SO-\\d{8}", "SO-(\\d{8}", 22, "sources.orders.references[0]", "is no pattern: missing ): SO-(\\d{8}"),
    ("timezone: America/Los_Angeles", "timezone: America/Los_Angles", 2, "timezone", "did you mean America/Los_Angeles?"),
    ("country: US", "country: USA", 3, "country", "'USA' is no country"),
    ("country: US", "country: true", 3, "country", "found true; allowed: a text: put it in quotes"),
    ("country: US", "country: US\nzzz: x", 4, "zzz", "unknown key; allowed: version, timezone"),
    ("  orders:", "  my orders:", 5, "sources.my orders", "'my orders' is no name for a source"),
    ("country: US", "country: [US", 4, "", "broken YAML"),
    ("country: US", "\tcountry: US", 3, "", "broken YAML"),
    ("country: US", "country: !secret US", 3, "country", "the tag !secret is not known here"),
]  # fmt: skip


IN_WHAT_IS_OPTIONAL = [
    ("survivorship: {default: [trusted]}", "survivorship.default[0]", "did you mean trust? allowed: trust, recency"),
    ("survivorship: {default: []}", "survivorship.default", "found an empty list; allowed: at least one entry"),
    ("survivorship: {attributes: {mail: [trust]}}", "survivorship.attributes.mail", "unknown attribute; did you mean email"),
    ("gate: {max_merged_customers: 500%}", "gate.max_merged_customers", "allowed: a percentage as in 5%, or a number"),
    ("gate: {max_merged_customers: true}", "gate.max_merged_customers", "found true"),
    ("gate: {and_at_leats: 5}", "gate.and_at_leats", "did you mean and_at_least?"),
    ("matching: {engine: spark}", "matching.engine", "not yet with spark"),
    ("matching: {merge_at: 1.5}", "matching.merge_at", "allowed: auto, or a number between 0 and 1"),
    ("matching: {merge_at: 0.5, review_at: 0.9}", "matching.review_at", "0.9 is above merge_at (0.5)"),
    ("matching: {placeholders: {emial: [a]}}", "matching.placeholders.emial", "did you mean email?"),
    ("matching: {labels: labels.csv}", "matching.labels", "no file labels.csv"),
    ("matching: {comparisons: {phone: 3}}", "matching.comparisons.phone", "allowed: off, or a mapping"),
    ("matching: {comparisons: {phone: }}", "matching.comparisons.phone", "found nothing; allowed: off, or a mapping"),
    ("matching: {comparisons: {phone: {lvels: {}}}}", "matching.comparisons.phone.levels", "missing"),
    ("matching: {comparisons: {phone: {levels: {}}}}", "matching.comparisons.phone.levels", "at least one entry"),
    ("matching: {comparisons: {phone: {levels: {typo: 3}}}}", "matching.comparisons.phone.levels.typo", "allowed: off, SQL, or a mapping"),
    ("matching: {comparisons: {phone: {levels: {typo: {sq: x}}}}}", "matching.comparisons.phone.levels.typo.sq", "did you mean sql?"),
    ("matching: {comparisons: {phone: {levels: {typo: {match: 1.5}}}}}", "matching.comparisons.phone.levels.typo.match", "less than 1"),
    ("matching: {comparisons: {blocking: {email: {limt: 9}}}}", "matching.comparisons.blocking.email.limt", "did you mean limit?"),
    ("matching: {comparisons: {blocking: {email: {limit: 1}}}}", "matching.comparisons.blocking.email.limit", "greater than or equal to 2"),
    ("retention: {releases: 1}", "retention.releases", "greater than or equal to 2"),
    ("stewardship: {database: 'postgresql://u:${NO_SUCH_VARIABLE}@h/d'}", "stewardship.database", "variable NO_SUCH_VARIABLE is not set"),
    ("sources: {}", "sources", "given twice: first in line 4"),
]  # fmt: skip
# ruff: enable[E501]


@pytest.mark.parametrize(("before", "after", "line", "key", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, line: int, key: str, words: str) -> None:
    assert before in RIGHT
    error = mistake(tmp_path, RIGHT.replace(before, after, 1))
    assert (error.line, error.key) == (line, key), error.message
    assert words in error.message
    assert error.message.startswith(f"joinedup.yaml:{line}: ")


@pytest.mark.parametrize(("appended", "key", "words"), IN_WHAT_IS_OPTIONAL, ids=lambda value: str(value)[:40])
def test_a_mistake_in_what_is_optional_is_named(tmp_path: Path, appended: str, key: str, words: str) -> None:
    error = mistake(tmp_path, RIGHT + appended + "\n")
    assert (error.line, error.key) == (len(RIGHT.splitlines()) + 1, key), error.message
    assert words in error.message


def test_every_mistake_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = RIGHT.replace("holds: order", "holds: ordr").replace("take: value", "tak: value") + "gate: {wrong: 1}\n"
    error = mistake(tmp_path, text)
    assert [(each.line, each.key) for each in (error, *error.others)] == [
        (6, "sources.orders.holds"),
        (15, "sources.orders.fields.email[1].tak"),
        (len(text.splitlines()), "gate.wrong"),
    ]


def test_mail_needs_neither_key_nor_fields(tmp_path: Path) -> None:
    assert load(tmp_path, MAIL).sources["mail"].key == ()
    error = mistake(tmp_path, MAIL.replace("mbox, load", "mbox, key: id, load"))
    assert (error.line, error.key) == (3, "sources.mail.key")
    assert "a mail is known by its Message-ID" in error.message


def test_other_records_must_say_whose_they_are(tmp_path: Path) -> None:
    text = "version: 1\nsources:\n  a: {holds: order, files: a.csv, format: csv, key: id}\n"
    error = mistake(tmp_path, text)
    assert (error.line, error.key) == (3, "sources.a.fields")
    linked = text.replace("key: id", "key: id, links: [{source: a, record: parent}]")
    assert load(tmp_path, linked).sources["a"].links[0].source == "a"
    assert load(tmp_path, text.replace("order", "inventory")).sources["a"].fields == {}
    error = mistake(tmp_path, linked.replace("source: a,", "source: b,"))
    assert (error.key, error.problem) == ("sources.a.links[0].source", "no source b; allowed: a")


def test_included_files_say_a_part_and_are_named(tmp_path: Path) -> None:
    top = "version: 1\ninclude: [sources/*.yaml]\n"
    one = "sources:\n  a: {holds: inventory, files: a.csv, format: csv, key: id}\n"
    two = "sources:\n  b: {holds: inventory, files: b.csv, format: csv, key: id}\nmatching: {merge_at: 0.9}\n"
    settings = load(tmp_path, top, one=one, two=two)
    assert list(settings.sources) == ["a", "b"]
    assert settings.matching.merge_at == 0.9
    error = mistake(tmp_path, top, one=one, two=two.replace("key: id", "kye: id"))
    assert (error.file, error.line, error.key) == ("sources/two.yaml", 2, "sources.b.kye")
    error = mistake(tmp_path, top, one=one, two=two.replace("  b:", "  a:"))
    assert error.message == "sources/two.yaml:2: sources.a: given twice: first in sources/one.yaml:2; keep one of them"
    error = mistake(tmp_path, top, one=one, two="include: x.yaml\n")
    assert (error.file, error.key) == ("sources/two.yaml", "include")
    error = mistake(tmp_path, top.replace("sources/*", "elsewhere/*"))
    assert (error.line, error.key) == (2, "include[0]")
    assert mistake(tmp_path, top.replace("[sources/*.yaml]", "[1]")).key == "include"
    assert mistake(tmp_path, top, one=one, two="- a\n").file == "sources/two.yaml"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "joinedup.yaml"
    for content, words in (
        (None, "not found in"),
        (b"", "is empty"),
        (b"a: \xff", "is not UTF-8"),
        (b"- a", "found a list"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SettingsError, match=words):
            load_settings(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(path)


def test_a_mistake_that_a_room_finds_is_located(tmp_path: Path) -> None:
    load(tmp_path, RIGHT)
    found = locate(SettingsError("no such column", key="sources.orders.fields.email[0]"), tmp_path / "joinedup.yaml")
    assert found.message == "joinedup.yaml:15: sources.orders.fields.email[0]: no such column"
    for key, line in (
        ("sources.orders.fields.identifier.loyalty", 17),
        ("sources.orders.activity.items.sku", 21),
        ("sources.orders.links[0].record", 5),
        ("nowhere", 1),
    ):
        assert locate(SettingsError("x", key=key), tmp_path / "joinedup.yaml").line == line
    elsewhere = SettingsError("x", file="suite.json", key="meta")
    assert locate(elsewhere, tmp_path / "joinedup.yaml") is elsewhere


def test_the_schema_takes_what_loads_and_refuses_what_does_not(tmp_path: Path) -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    yaml = YAML(typ="safe", pure=True)
    for text in (RIGHT, TEMPLATE, MAIL, RIGHT + "gate: {max_merged_customers: 5%, max_split_customers: 0.1}\n"):
        assert list(validator.iter_errors(yaml.load(text))) == []
    refused = 0
    for before, after, _, key, words in MISTAKES:
        structural = "unknown" in words or "did you mean" in words or "; allowed: a" in words
        if not structural or "timezone" in key:
            continue
        refused += 1
        assert list(validator.iter_errors(yaml.load(RIGHT.replace(before, after, 1)))), after
    assert refused > 15
    described = schema["$defs"]["SourceSettings"]["properties"]
    assert all("description" in entry or "$ref" in entry for entry in described.values())


def test_directives_that_duckdb_is_not_asked_about_are_its_own() -> None:
    with open_memory() as con:
        for directive in KNOWN.split():
            assert con.execute("SELECT try_strptime('0', ?)", [directive]).fetchall()
