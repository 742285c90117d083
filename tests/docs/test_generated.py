"""Pages that are made from the code are what the code makes now, and say all of it."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
import typer

from customer360.signals.document import signals_page
from pipelines.cli import INTERRUPTED, app
from pipelines.document import EXAMPLES, EXITS, RUN_DOCUMENT, commands_page
from pipelines.summary import RunSummary
from tests.docs.pages import CHECKOUT, rows, sections
from warehouse import errors
from warehouse.data_contract import contract_page
from warehouse.document import tables_page
from warehouse.tables import ALL_TABLES, RELEASE_TABLES
from warehouse.tables.golden import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MADE: dict[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page,
    "docs/signals.md": signals_page,
    "docs/reference/tables.md": tables_page,
    "docs/reference/data-contract.yaml": contract_page,
}
_QUARANTINED = re.compile(
    r"(bad|no|ragged|invalid|ambiguous|incomplete|not_an|unreadable|same_id|field_too|repeated)"
    r"_(?!reply|identity|file)[a-z_]+"
)


def commands(group: Any = None, words: str = "joinedup") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own
    top: Any = typer.main.get_command(app)
    for name, command in (group or top).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{words} {name}")
        else:
            yield f"{words} {name}", command


@pytest.mark.parametrize("page", MADE)
def test_a_page_is_what_its_generator_makes(page: str) -> None:
    module = MADE[page].__module__
    assert (CHECKOUT / page).read_text() == MADE[page](), f"renew it: python -m {module} > {page}"


def test_every_command_has_its_options_described_and_an_example() -> None:
    page = sections((CHECKOUT / "docs/reference/commands.md").read_text())
    found = dict(commands())
    assert set(EXAMPLES) == {name.removeprefix("joinedup ") for name in found}
    for name, command in found.items():
        written = [row[0] for row in rows(page[name])]
        for parameter in command.params:
            assert parameter.help, f"{name}: {parameter.name} has no help"
            spelt = [name for name in parameter.opts if name.startswith("-")] or [
                parameter.metavar or parameter.name.upper()
            ]
            for each in spelt:
                assert any(f"`{each}" in text.replace("\\|", "|") for text in written), f"{name}: {each}"


def test_an_example_names_the_options_that_there_are() -> None:
    found = dict(commands())
    for name, example in EXAMPLES.items():
        known = {option for parameter in found[f"joinedup {name}"].params for option in parameter.opts}
        assert example.startswith(f"joinedup {name}")
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", example)) <= known


def test_every_exit_code_is_told() -> None:
    kinds = [error for error in vars(errors).values() if isinstance(error, type)]
    codes = {error.exit_code for error in kinds if issubclass(error, errors.JoinedupError)}
    assert {code for code, _, _ in EXITS} == {0, INTERRUPTED} | codes


def test_every_key_of_a_run_is_told() -> None:
    assert [key for key, _ in RUN_DOCUMENT] == [field.name for field in fields(RunSummary)]


def test_every_column_says_what_it_means() -> None:
    silent = [f"{spec.full_name}.{column.name}" for spec in ALL_TABLES for column in spec.columns if not column.meaning]
    assert silent == []
    page = sections(tables_page())
    for spec in RELEASE_TABLES:
        assert [row[0].strip("`• ") for row in rows(page[spec.name])] == list(spec.column_names)


def test_every_event_and_table_has_its_word() -> None:
    glossary = (CHECKOUT / "docs/glossary.md").read_text()
    plain = {"created", "updated", "erased"}
    for event in set(EVENTS) - plain:
        stem = event.removesuffix("ed").removesuffix("g")
        assert re.search(rf"\*\*[^*]*\b{stem}", glossary), event


def test_every_reason_for_quarantine_is_told() -> None:
    found = {
        literal
        for file in sorted((CHECKOUT / "connectors").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for literal in (node.value, *re.findall(r"'([a-z_]+)'", node.value))
        if _QUARANTINED.fullmatch(literal)
    }
    told = {row[0].strip("`") for row in rows(sections((CHECKOUT / "docs/running.md").read_text())["Quarantine"])}
    assert told == found
