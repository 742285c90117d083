"""The page about joinedup.yaml: every key with its true default and an example that is understood, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic_core import PydanticUndefined

from tests.docs.pages import CHECKOUT, blocks, headings, pages, rows, sections
from warehouse.settings import Settings
from warehouse.settings.comparing import ComparisonChange, ComparisonSettings, LevelChange, RuleChange
from warehouse.settings.deciding import (
    GateSettings,
    IdentitySettings,
    MatchingSettings,
    RetentionSettings,
    Rule,
    StewardshipSettings,
    SurvivorshipSettings,
)
from warehouse.settings.expressions import (
    ColumnExpression,
    ConstantExpression,
    FirstExpression,
    JoinExpression,
    PathExpression,
    SqlExpression,
)
from warehouse.settings.load import load_settings
from warehouse.settings.offers import Fit, OfferRule, OfferSettings
from warehouse.settings.positions import read_yaml
from warehouse.settings.secrets import SECRET
from warehouse.settings.signals import SignalSettings
from warehouse.settings.source_checks import READ_NOW
from warehouse.settings.sources import (
    IDENTITY_ATTRIBUTES,
    ActivitySettings,
    Deleted,
    Expect,
    FormatOptions,
    Holds,
    ItemColumns,
    KeyHash,
    Link,
    SourceSettings,
    Status,
)
from warehouse.settings.template import TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic.fields import FieldInfo

PAGE = CHECKOUT / "docs" / "reference" / "configuration.md"
DESCRIBED: dict[str, type[BaseModel]] = {
    "The file": Settings,
    "A source": SourceSettings,
    "options": FormatOptions,
    "key: hash": KeyHash,
    "deleted": Deleted,
    "expect": Expect,
    "links": Link,
    "activity": ActivitySettings,
    "status": Status,
    "items": ItemColumns,
    "column": ColumnExpression,
    "path": PathExpression,
    "join": JoinExpression,
    "first": FirstExpression,
    "value": ConstantExpression,
    "sql": SqlExpression,
    "matching": MatchingSettings,
    "comparisons": ComparisonSettings,
    "a comparison": ComparisonChange,
    "a level": LevelChange,
    "a blocking rule": RuleChange,
    "survivorship": SurvivorshipSettings,
    "gate": GateSettings,
    "signals": SignalSettings,
    "offers": OfferSettings,
    "whom an offer fits": OfferRule,
    "what goes with what": Fit,
    "retention": RetentionSettings,
    "stewardship": StewardshipSettings,
    "identity": IdentitySettings,
}
"""The section that describes a model."""
ROOMS = ("connectors", "matching", "golden", "customer360", "quality", "stewardship", "serving", "pipelines")
OF_A_COLUMN = {name for name in ColumnExpression.model_fields if name != "column"}
TOLD_IN_WORDS = {("A source", "key"): "**required** but for mail", ("activity", "channel"): "by `holds`"}
"""Defaults that depend on another key."""


def fields(section: str) -> dict[str, FieldInfo]:
    """Return a section's keys as one writes them, without those it refers to another section for."""
    model = DESCRIBED[section]
    elsewhere = {"status": {*OF_A_COLUMN, "column"}, "path": OF_A_COLUMN}.get(section, set())
    return {info.alias or name: info for name, info in model.model_fields.items() if name not in elsewhere}


def described(section: str) -> dict[str, list[str]]:
    """Return the row of each key: key, allowed, default, meaning, example."""
    found = rows(sections(PAGE.read_text())[section])
    return {row[0].strip("`"): [*row[:3], *row[3].split("<br>")] for row in found if len(row) == 4}


def models_in(kind: object) -> set[type[BaseModel]]:
    """Return the models that an annotation can hold, with those inside them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        found: set[type[BaseModel]] = {kind}
        if kind is ComparisonSettings:
            found |= models_in(get_type_hints(kind, include_extras=True)["__pydantic_extra__"])
        for info in kind.model_fields.values():
            found |= models_in(info.annotation) if kind not in (JoinExpression, FirstExpression) else set()
        return found
    return {model for part in getattr(kind, "__args__", ()) for model in models_in(part)}


def spelt(default: object) -> str:
    """Return how the page writes a default."""
    if default is PydanticUndefined:
        return "**required**"
    if default in (None, " "):
        return "none" if default is None else "a space"
    if isinstance(default, tuple) and default:
        return f"`[{', '.join(text or chr(34) * 2 for text in default)}]`"
    if isinstance(default, tuple | dict):
        return "empty"
    number = f"{default:.0%}" if isinstance(default, float) else str(default)
    return f"`{number.lower() if isinstance(default, bool) else number}`"


def test_every_model_has_a_section() -> None:
    assert models_in(Settings) == set(DESCRIBED.values())
    assert set(DESCRIBED) <= set(headings(PAGE.read_text()))


@pytest.mark.parametrize("section", DESCRIBED)
def test_a_section_names_every_key_and_no_other(section: str) -> None:
    assert sorted(described(section)) == sorted(fields(section))


@pytest.mark.parametrize("section", DESCRIBED)
def test_a_section_tells_the_true_defaults(section: str) -> None:
    told = {name: row[2] for name, row in described(section).items()}
    for name, info in fields(section).items():
        default = info.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            links = told[name].startswith("see ") or told[name] == "empty"
            assert links, f"{name}: {told[name]}"
        else:
            assert told[name] == TOLD_IN_WORDS.get((section, name), spelt(default)), name


def read(written: str, folder: Path) -> Any:  # noqa: ANN401 - whatever YAML can say
    """Return what YAML means, as the loader reads it."""
    (folder / "part.yaml").write_text(written)
    return read_yaml(folder / "part.yaml", "part.yaml").values


def understood(annotation: Any, value: object) -> Any:  # noqa: ANN401 - whatever a field may be
    return TypeAdapter(annotation).validate_python(value)


@pytest.mark.parametrize("section", DESCRIBED)
def test_every_example_is_understood(section: str, tmp_path: Path) -> None:
    for name, info in fields(section).items():
        example = re.fullmatch(r"`(.+)`", described(section)[name][4])
        assert example, name
        written = read(example[1], tmp_path)
        assert list(written) == [name]
        understood(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation, written[name])


def test_what_is_allowed_is_listed() -> None:
    assert re.findall(r"`(\w+)`", described("A source")["holds"][1]) == list(get_args(Holds))
    assert re.findall(r"`(\w+)`", described("A source")["format"][1]) == list(READ_NOW)
    text = sections(PAGE.read_text())
    attributes = {name for row in rows(text["fields"]) for name in re.findall(r"`([\w.<>]+)`", row[0])}
    assert attributes == {*IDENTITY_ATTRIBUTES, "identifier.<name>", "extra.<name>"}
    assert {row[0].strip("`") for row in rows(text["survivorship"]) if len(row) == 2} == set(get_args(Rule))


def test_every_expression_is_understood(tmp_path: Path) -> None:
    written = [row[0].strip("`") for row in rows(sections(PAGE.read_text())["Expressions"])]
    annotation = SourceSettings.model_fields["fields"].annotation
    kinds = {type(understood(annotation, read(f"x: {found}", tmp_path))["x"][0]) for found in written}
    assert kinds == {
        ColumnExpression,
        PathExpression,
        JoinExpression,
        FirstExpression,
        ConstantExpression,
        SqlExpression,
    }


def yaml_blocks() -> list[tuple[str, str]]:
    """Return the YAML of all pages but the catalogue of sources, which `test_sources` runs as one workspace."""
    return [
        (f"{page.relative_to(CHECKOUT)}:{number}", block.text)
        for page in pages()
        if page.parent != CHECKOUT / "docs/sources"
        for number, block in enumerate(blocks(page.read_text()))
        if block.language == "yaml"
    ]


@pytest.mark.parametrize(("place", "text"), yaml_blocks(), ids=lambda value: value if ":" in value[:60] else "")
def test_a_configuration_in_the_docs_loads(
    place: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole files as they are; parts of one after the template that `joinedup init` writes."""
    for name in SECRET.findall(text):
        monkeypatch.setenv(name, "secret")
    whole = text if "version:" in text else f"{TEMPLATE}\n{text}"
    (tmp_path / "joinedup.yaml").write_text(whole)
    assert load_settings(tmp_path / "joinedup.yaml").version == 1, place


def test_what_nothing_acts_on_is_told(checkout: Path) -> None:
    """A key that no room reads is listed as such; one that a room begins to read has to leave the list."""
    listed = sections(PAGE.read_text())["What nothing acts on in this version"]
    code = "".join(
        file.read_text() for room in (*ROOMS, "warehouse/release") for file in sorted((checkout / room).rglob("*.py"))
    )
    reads = {
        "exclusive": r"\.exclusive\b",
    }
    for key, pattern in reads.items():
        assert f"`{key}`" in listed
        assert not re.search(pattern, code), f"{key} is read now: say so"
    for pattern in (r"gate\.and_at_least", r"stewardship\.database"):
        assert re.search(pattern, code), "a key that is read is found by such a pattern"
