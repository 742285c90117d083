"""Looks at files and proposes joinedup.yaml for them.

READS the files. WRITES nothing. Keeps: no value of the data stands in a proposal but those that settings are made of
(statuses, our own addresses, texts for no value).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.propose.across import tie_sources
from connectors.propose.activities import activity_lines
from connectors.propose.assign import Assignment, assign
from connectors.propose.country import propose_country
from connectors.propose.evidence import Evidence
from connectors.propose.file_bytes import kind_of
from connectors.propose.groups import files_pattern, group_files, source_name, stem_of
from connectors.propose.header import words_of
from connectors.propose.holds import propose_holds
from connectors.propose.identity import field_lines
from connectors.propose.keys import propose_key
from connectors.propose.looked_at import LookedAt
from connectors.propose.mailboxes import own_lines
from connectors.propose.nulls import propose_nulls
from connectors.propose.parts import Part, parts_of
from connectors.propose.proposal import LIKELY, SURE, UNSURE, Line, Proposal, ProposedSource
from connectors.propose.sample import columns_of, read_sample
from warehouse.settings.source_checks import MAIL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_DAY_FIRST_NOT = ("US", "CA", "PH")
_OF_TABLES = ("xlsx", "sql")
"""Formats whose files hold several tables, each a source of its own."""
_NO_PERSON = ("inventory", "known_issue", "campaign")


def propose(files: Sequence[Path], directory: Path) -> Proposal:
    """Return the proposal for files, for a workspace in `directory`.

    Raises UsageError for a file that is not there, or of no format that is read.
    """
    kinds = {path: kind_of(path) for path in files}
    taken: set[str] = set()
    looked_at = [
        _sampled(paths, kinds[paths[0]], part, directory, taken)
        for group in group_files(list(kinds.items()))
        for paths in _same_columns(group, kinds[group[0]])
        for part in parts_of(paths[0], kinds[paths[0]])
    ]
    country = propose_country(evidence for found in looked_at for evidence in found.evidences)
    for found in looked_at:
        if found.proposed.format in MAIL:
            found.proposed.lines += own_lines(found.sample)
        elif found.sample.rows:
            _map(found, country.value)
        else:
            found.proposed.broken = True
            found.proposed.problems = found.proposed.problems or ["it holds no row that can be read"]
    tie_sources(looked_at)
    for found in looked_at:
        _check_person(found.proposed)
    timezone = Line("timezone", "UTC", UNSURE, "", "the zone of times that name none: say yours, as in Europe/Berlin")
    return Proposal(timezone, country, [found.proposed for found in looked_at])


def _same_columns(paths: tuple[Path, ...], kind: str) -> list[tuple[Path, ...]]:
    """Return the files of one name by their columns: only those with the same are one source."""
    if len(paths) == 1 or kind in MAIL:
        return [paths]
    if kind in _OF_TABLES:
        return [(path,) for path in paths]
    by_columns: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        (part,) = parts_of(path, kind)
        columns = () if kind in ("json", "jsonl") else tuple(read_sample([path], kind, part.options).columns)
        by_columns.setdefault(columns, []).append(path)
    return [tuple(found) for found in by_columns.values()]


def _sampled(paths: tuple[Path, ...], kind: str, part: Part, directory: Path, taken: set[str]) -> LookedAt:
    """Read some rows of a source, and propose how its files are read."""
    name = source_name(part.name or stem_of(paths[0]), taken)
    pattern = files_pattern(paths, directory)
    files = f"sqlite:///{quote(pattern)}" if kind == "sql" else pattern
    proposed = ProposedSource(name, files, kind, tuple(map(str, paths)))
    proposed.lines = [
        Line("files", files, SURE, f"{len(paths)} files of one shape" if len(paths) > 1 else ""),
        Line("format", kind, SURE),
    ]
    sample = read_sample(paths, kind, part.options)
    options, unsure = dict(part.options), dict(part.unsure)
    nulls, doubt = propose_nulls(sample.columns) if kind not in MAIL else ([], "")
    if nulls:
        options["nulls"] = ["", *nulls]
        unsure["nulls"] = doubt
    proposed.lines += [
        Line(f"options.{option}", value, UNSURE if unsure.get(option) else LIKELY, "", unsure.get(option, ""))
        for option, value in options.items()
    ]
    proposed.problems += [sample.problem] if sample.problem else []
    found = LookedAt(proposed, paths, sample)
    if kind in MAIL:
        proposed.lines.insert(0, Line("holds", "message", SURE))
        proposed.lines.append(Line("load", "incremental", LIKELY, "mails are added, and seldom taken back"))
        found.texts = ("subject", "body")
    else:
        found.evidences = [Evidence(column, place) for place, column in enumerate(columns_of(sample, ["", *nulls]))]
    return found


def _map(found: LookedAt, country: str) -> None:
    """Propose holds, key, fields and activity of one source."""
    proposed, evidences = found.proposed, found.evidences
    for evidence in evidences:
        evidence.day_first = country not in _DAY_FIRST_NOT
    words = (*words_of(stem_of(found.paths[0])), *words_of(proposed.name))
    key = propose_key(evidences, found.sample.unique, found.sample.read, words)
    holds, why, unsure = propose_holds(words, key.columns, evidences)
    proposed.lines.insert(0, Line("holds", holds, UNSURE if unsure else LIKELY, why, unsure))
    proposed.lines.append(_load(holds))
    proposed.lines.append(Line("key", key.value, key.confidence, key.why, key.unsure))
    if key.lines:
        proposed.lines.append(Line("rows", "lines", LIKELY, "the key repeats, beside columns of what was bought"))
    reserved = [name for name in key.columns if len(key.columns) == 1]
    assigned = assign(evidences, holds, reserved)
    proposed.lines += field_lines(assigned, evidences, country)
    proposed.lines += _customer_number(assigned)
    proposed.lines += activity_lines(assigned, holds, key.columns, lines=key.lines)
    proposed.unmapped = _unmapped(proposed, evidences, assigned)
    found.key = key.columns
    by_name = {evidence.column.name: evidence.column for evidence in evidences}
    if len(key.columns) == 1 and isinstance(key.value, str):
        found.key_texts = by_name[key.value].filled
        found.keys = frozenset(found.sample.seen[key.value]) or frozenset(map(hash, found.key_texts))
    found.texts = tuple(
        candidate.evidence.column.name for name in ("subject", "body") if (candidate := assigned.best(name)) is not None
    )


def _check_person(proposed: ProposedSource) -> None:
    """Note where nothing says whose the records are, which no night could tell."""
    told = any(line.key.startswith(("fields.", "links", "activity.about")) for line in proposed.lines)
    if not (told or proposed.broken or proposed.format in MAIL or proposed.get("holds") in _NO_PERSON):
        proposed.broken = True
        proposed.problems.append("no column says whose a record is: map one under `fields`, or give `links`")


def _load(holds: str) -> Line:
    incremental = holds == "interaction"
    said = "incremental, if an export has only what is new or changed"
    return Line("load", "incremental" if incremental else "full", UNSURE, "", "" if incremental else said)


def _customer_number(assigned: Assignment) -> list[Line]:
    number = assigned.best("customer_id")
    if number is None:
        return []
    said = "a customer's number: if another source has it as its key, say so under `links` instead"
    return [Line("fields.identifier.customer", number.evidence.column.written(), UNSURE, number.why, said)]


def _unmapped(proposed: ProposedSource, evidences: Sequence[Evidence], assigned: Assignment) -> dict[str, str]:
    """Return the columns that no line names, with the reason."""
    values = [line.value for line in proposed.lines]
    return {
        name: assigned.left_out.get(name, "nothing that this kind of record has a place for")
        for evidence in evidences
        if (name := evidence.column.name) and not _names(values, evidence.column.expression)
    }


def _names(value: Any, expression: str | dict[str, Any]) -> bool:  # noqa: ANN401 - whatever YAML can say
    """Say whether a value of a proposed line takes something from a column or path."""
    if value == expression:
        return True
    if isinstance(value, list):
        return any(_names(inner, expression) for inner in value)
    if not isinstance(value, dict):
        return False
    if isinstance(expression, dict):
        same = all(value.get(key) == inner for key, inner in expression.items())
    else:
        quoted = '"' + expression.replace('"', '""') + '"'
        same = value.get("column") == expression or quoted in str(value.get("sql", ""))
    inner = [part for key, part in value.items() if key not in ("column", "sql", "format", "value", "with")]
    return same or any(_names(part, expression) for part in inner)
