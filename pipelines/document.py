"""Writes `docs/reference/commands.md` from the command line itself: `python -m pipelines.document > …`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from pipelines.cli import INTERRUPTED, app
from pipelines.summary import COUNTS

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = {
    "init": "joinedup init my-workspace --from exports/crm.csv exports/orders.csv",
    "check": "joinedup check -w my-workspace",
    "demo": "joinedup demo demo",
    "run": "joinedup run -w my-workspace",
    "plan": "joinedup plan --out tonight.json -w my-workspace",
    "apply": "joinedup apply tonight.json -w my-workspace",
    "show": "joinedup show billing:B152980 -w demo",
    "explain": "joinedup explain billing:B128500 billing:B456820 -w demo",
    "evaluate": "joinedup evaluate demo/truth.csv -w demo",
    "serve": "joinedup serve -w my-workspace",
    "dagster": "joinedup dagster -w my-workspace",
    "schema": "joinedup schema > joinedup.schema.json",
    "release list": "joinedup release list -w demo",
    "release show": "joinedup release show r2 -w demo",
    "release verify": "joinedup release verify -w demo",
    "release export": "joinedup release export --to customers --format csv --gzip -w demo",
    "release rollback": "joinedup release rollback r2 -w demo",
    "release approve": 'joinedup release approve --reason "accounts of the closed branch" -w my-workspace',
    "quarantine list": "joinedup quarantine list -w my-workspace",
    "quarantine show": "joinedup quarantine show --source orders --limit 5 -w my-workspace",
    "quarantine replay": "joinedup quarantine replay --reason bad_date -w my-workspace",
    "quarantine drop": 'joinedup quarantine drop q1f0c3a5b7d9e --reason "a test order" -w my-workspace',
    "review list": "joinedup review list -w demo",
    "review decide": 'joinedup review decide different orders:SO-1 billing:ACC1 --reason "father and son" -w demo',
    "review revoke": 'joinedup review revoke 1 --reason "they are one after all" -w demo',
    "review import": "joinedup review import decisions.csv -w demo",
    "review export": "joinedup review export decisions.csv -w demo",
    "review publish": "joinedup review publish -w demo",
    "review measure": "joinedup review measure -w demo",
    "users list": "joinedup users list -w my-workspace",
    "users add": "joinedup users add ann steward -w my-workspace",
    "users role": "joinedup users role ann admin -w my-workspace",
    "users password": "joinedup users password ann -w my-workspace",
    "users disable": "joinedup users disable ann -w my-workspace",
    "users enable": "joinedup users enable ann -w my-workspace",
    "users link": "joinedup users link ann --url https://customers.example -w my-workspace",
    "users audit": "joinedup users audit --last 5 -w my-workspace",
    "token create": "joinedup token create crm reader -w my-workspace",
    "token list": "joinedup token list -w my-workspace",
    "token revoke": "joinedup token revoke crm -w my-workspace",
    "model show": "joinedup model show -w demo",
    "model export": "joinedup model export model.json --records records.parquet -w demo",
}
"""One line to type, for each command."""

EXITS = (
    (0, "done; for `run`: published, or nothing had changed", ""),
    (1, "a defect of joinedup's own", "report it, with what `JOINEDUP_DEBUG=1` adds"),
    (2, "the command line or `joinedup.yaml` is wrong", "mend what the message names"),
    (3, "the gate held the candidate; the last release stays", "[a held night](../running.md#a-held-night)"),
    (4, "a source could not be read; the last release stays", "get the export again, then run again"),
    (5, "the surroundings failed: disk full, a store out of reach, a release damaged", "mend them, then run again"),
    (6, "refused: what was asked for cannot be done to what is there, such as showing a record that is not", ""),
    (75, "another run holds the workspace", "wait for it; the message names it"),
    (INTERRUPTED, "interrupted with Ctrl-C; the last release stays", "run again when ready"),
)
"""Exit code, meaning, what to do."""

RUN_DOCUMENT = (
    ("run_id", "the run, as Dagster knows it and as its page under `var/reports/` is called"),
    ("release_id", "the current release at the end: the new one, or the one that stays; null before the first"),
    ("published", "whether this run published it"),
    ("outcome", "`published`, `nothing_changed`, `held`, `landed` or `planned`"),
    ("held_by", "the reasons that hold the candidate; empty otherwise"),
    ("records", f"per source: {', '.join(f'`{name}`' for name in COUNTS)}"),
    ("deliveries", "per source: `outcome`, `files` read and `left` for later, `bytes`, `newest_arrival`, and `notes`"),
    ("quarantine_open", "rows in quarantine at the end, those of earlier deliveries too"),
    ("distinct_records", "distinct records that were compared"),
    ("pairs", "pairs that were compared and kept"),
    ("customers", "golden records"),
    ("households", "households of two customers or more"),
    ("excluded_records", "live records that are nobody's"),
    ("merges", "customers merged into others since the last release"),
    ("splits", "customers split off others since the last release"),
    ("review_items", "pairs of customers left apart though not clearly two"),
    ("taken_apart", "how many came out as one customer that could not be one, and were taken apart"),
    ("merge_at", "the match probability from which records were joined"),
    ("estimated_precision", "the share of joined pairs that the run itself, without labels, holds to be right"),
    ("labels", "what `matching.labels` says of tonight's customers: pairs, precision, recall; null without labels"),
    ("measured", "what the audit says of them: pairs judged, precision, recall, intervals; null without judgements"),
    ("as_of", "the time at which the night stands, UTC"),
    ("model_version", "the model that scored the pairs"),
    ("content_hash", "hash of what the candidate says, whatever its ids"),
    ("release_hash", "hash of what it says, ids included; equal to the current release's where nothing had changed"),
    ("seconds", "wall clock per step"),
    ("stage_cpu_seconds", "CPU seconds per step"),
    ("stage_peak_rss_mb", "peak memory of the process at the end of each step, in MiB"),
    ("cpu_seconds", "CPU seconds of the whole process"),
    ("peak_rss_mb", "its peak memory, in MiB"),
    ("report", "the run's page"),
    ("plan", "the document of the plan that a held or planned night left; null otherwise"),
    ("model_made_because", "`first`, `asked for` or `settings` where the night made a model of its own"),
    ("failure", "what stopped the run, if something did"),
)
"""Keys of `joinedup run --json` and what they mean."""

_HEAD = """\
# Commands

Made from the command line itself: `python -m pipelines.document > docs/reference/commands.md`.

A **workspace** is the folder that holds `joinedup.yaml`. Commands that need one take `-w DIR`; without it they use
`$JOINEDUP_HOME`, else the current folder. A **record** is written `SOURCE:SOURCE_RECORD_ID`, as in `orders:SO-1`; a
**customer** is named by its golden id (a retired one is followed to the one that lives on).

Results go to standard output, progress and errors to standard error. With `--json` standard output is one JSON
document and nothing else, errors too: `{"error": {"type": …, "message": …, "exit_code": …}}`. A mistake is told in one
line: what, where, what is allowed, what to do next.

"""
_EXIT_HEAD = """\
## Exit codes

| code | meaning | what to do |
| --- | --- | --- |
"""
_RUN_HEAD = """
The document of `joinedup run --json`:

| key | meaning |
| --- | --- |
"""


def commands_page() -> str:
    """Return the reference page of the command line, as Markdown."""
    commands = dict(_commands(typer.main.get_command(app)))
    lines = [f"| [`joinedup {name}`](#{_anchor(name)}) | {_sentence(command)} |" for name, command in commands.items()]
    exits = [f"| {code} | {meaning} | {next_step} |" for code, meaning, next_step in EXITS]
    return "".join(
        [
            _HEAD,
            "| command | does |\n| --- | --- |\n",
            "\n".join([*lines, "", ""]),
            *(_section(name, command) for name, command in commands.items()),
            _EXIT_HEAD,
            "\n".join([*exits, ""]),
        ]
    )


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own click has no types
    """Yield every command of a group and of the groups in it, by the words one types."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def _anchor(name: str) -> str:
    return f"joinedup {name}".replace(" ", "-")


def _sentence(command: Any) -> str:  # noqa: ANN401 - typer keeps the types of its own click private
    return " ".join((command.help or "").split())


def _section(name: str, command: Any) -> str:  # noqa: ANN401 - typer keeps the types of its own click private
    rows = [_row(parameter) for parameter in command.params if not parameter.hidden]
    lines = [f"## joinedup {name}", "", _sentence(command), "", "```", EXAMPLES[name], "```", ""]
    if rows:
        lines += ["| argument or option | default | meaning |", "| --- | --- | --- |", *rows, ""]
    section = "\n".join([*lines, ""])
    if name == "run":
        keys = "\n".join(f"| `{key}` | {meaning} |" for key, meaning in RUN_DOCUMENT)
        section = section.rstrip("\n") + f"\n{_RUN_HEAD}{keys}\n\n"
    return section


def _row(parameter: Any) -> str:  # noqa: ANN401 - typer keeps the types of its own click private
    written: tuple[str, ...] = (parameter.metavar or parameter.name.upper(),)
    if parameter.opts[0].startswith("-"):
        text = "N" if parameter.type_descriptor.annotation is int else "TEXT"
        value = "" if parameter.is_flag else f" {parameter.metavar or text}"
        written = tuple(f"{option}{value}" for option in parameter.opts)
    spelt = ", ".join(f"`{name}`" for name in written).replace("|", "\\|")
    return f"| {spelt} | {_default(parameter)} | {parameter.help or ''} |"


def _default(parameter: Any) -> str:  # noqa: ANN401 - typer keeps the types of its own click private
    if parameter.required:
        return "required"
    if parameter.name == "threads":
        return "one per CPU"  # the number of this machine would not be the reader's
    return f"`{parameter.default}`" if parameter.default not in (None, False) else ""


if __name__ == "__main__":
    sys.stdout.write(commands_page())
