"""What a plan says of one group of customers, in sentences: the same ones on its page and in its text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from matching.rulings import Ruled
from pipelines.plan.attributes import LISTED
from pipelines.plan.customers import IDENTITY
from pipelines.words import LINE, clipped, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = dict[str, Any]

NO_NAME = "(no name)"
NOTHING = "-"
_NAMED = 3
"""Customers that a headline names; the others are counted."""
_SHOWN = 8
"""Shared values and changes that an entry has room for; the document has all."""

KINDS_TOLD = {
    "merge": ("merge", "Customers become one"),
    "regroup": ("regrouping", "Records are dealt out anew among customers"),
    "unmerge": ("unmerge", "A merge is taken back"),
    "split": ("split", "A customer comes apart"),
    "move": ("move", "Records move from one customer to another"),
    "retire": ("retirement", "A customer has no record left"),
    "revive": ("return", "A retired customer comes back"),
    "update": ("update", "The golden record changes"),
    "create": ("new customer", "A customer is new"),
    "records": ("records only", "Records come or go, the golden record stays"),
    "firmness": ("firmness only", "Only how firmly records are held changes"),
}
"""Per kind: a label, and what it means."""

_ATTRIBUTES = {
    "email": "e-mail",
    "emails": "other e-mail",
    "phones": "other phone",
    "safe_for": "safe for",
}


def headline(entry: Row) -> str:
    """Return in a line what would happen to the customers of the entry."""
    before, after = entry["before"], entry["after"]
    if entry["kind"] in IDENTITY:
        return _regrouped(entry)
    one = (before or after)[0]
    told = {
        "retire": "is retired: no record is left",
        "revive": "comes back",
        "create": f"is new, with {counted(one['records'], 'record')}",
    }
    if entry["kind"] in told:
        return f"{name_of(one)} {told[entry['kind']]}"
    if entry["kind"] == "update":
        return f"{name_of(one)}: {_changed(entry['changes'])}"
    return f"{name_of(one)}: {_records(entry) if entry['kind'] == 'records' else f'held {_firmness(entry)}'}"


def name_of(party: Row) -> str:
    """Return the customer's name, cut where it is longer than a name is, or that there is none."""
    return clipped(party["name"] or NO_NAME, LINE)


def hangs(party: Row) -> str:
    """Return what hangs on a customer: orders, spend per currency, open cases, last contact."""
    parts = [counted(party["orders"], "order")] if party["orders"] else []
    parts += [_money(amount, currency) for currency, amount in sorted(party["spend"].items())]
    if party["open_cases"]:
        parts.append(counted(party["open_cases"], "open case"))
    if party["last_contact_at"]:
        parts.append(f"last contact {party['last_contact_at'][:10]}")
    return ", ".join(parts) or "no order, case or contact"


def moves(entry: Row) -> list[str]:
    """Return which records go where, a sentence per way; what stays where it was is not told."""
    was, now = (_callings(entry, side) for side in ("before", "after"))
    ways = [move for move in entry["moves"] if move["from"] != move["to"]]
    told = []
    for move in ways[:_SHOWN]:
        named = ", ".join(move["named"])
        more = move["records"] - len(move["named"])
        named += f" and {more:,} more" if more else ""
        records = counted(move["records"], "record")
        if move["from"] is None:
            told.append(f"{records} new to {_called(now, move['to'])}: {named}")
        elif move["to"] is None:
            told.append(f"{records} gone from {_called(was, move['from'])}: {named}")
        else:
            told.append(f"{records} from {_called(was, move['from'])} to {_called(now, move['to'])}: {named}")
    if len(ways) > _SHOWN:
        others = sum(move["records"] for move in ways[_SHOWN:])
        told.append(f"and {counted(others, 'further record')} in {len(ways) - _SHOWN:,} more ways")
    return told


def why(entry: Row) -> list[str]:
    """Return why records come together or apart, in sentences: decisions, then causes, then what is shared."""
    names = _callings(entry, "before")
    told = _first([decision_told(decision) for decision in entry["decisions"]], _SHOWN, "further decision")
    decided = tuple(f"decision {decision['decision_id']} " for decision in entry["decisions"])
    causes = [cause for cause in entry["causes"] if not cause.startswith(decided)]
    known = set(causes)
    told += _first([cause for cause in causes if not _says_more(cause, known)], _NAMED, "further cause")
    for shared in entry["evidence"][:_SHOWN]:
        sides = _names([_called(names, side) for side in sorted(shared["sides"], key=_is_new)])
        value = clipped(shared["value"], LINE)
        told.append(f"same {shared['attribute']} {value}, in {counted(shared['records'], 'record')} of {sides}")
    if len(entry["evidence"]) > _SHOWN:
        told.append(f"and {counted(len(entry['evidence']) - _SHOWN, 'further value')} in common")
    if entry["kind"] in ("merge", "regroup") and not entry["evidence"] and not entry["decisions"]:
        told.append("no value is the same to the letter on both sides: `joinedup explain` compares two records")
    return told


def decision_told(decision: Row) -> str:
    """Return who decided what of which two records, and why."""
    said = "are one customer" if decision["decision"] == "same" else "are never one customer"
    reason = f": {decision['reason']}" if decision["reason"] else ""
    again = "; a record has changed since, so it should be confirmed" if decision["state"] == "reconfirm" else ""
    return (
        f"{decision['decided_by']} decided that {decision['record_l']} and {decision['record_r']} {said}{reason}{again}"
    )


def ruling_told(ruling: Row) -> str:
    """Return in a sentence what a steward said that is neither same nor different."""
    said = Ruled(
        ruling["decision_id"],
        ruling["ruling"],
        tuple(filter(None, (ruling["record_l"], ruling["record_r"]))),
        ruling["attribute"],
        ruling["value"],
        str(ruling["until"])[:10] if ruling["until"] else None,
        ruling["decided_by"],
        str(ruling["decided_at"])[:10],
        ruling["reason"],
    )
    return said.sentence().rstrip(".")


def change(row: Row) -> tuple[str, str, str, str]:
    """Return attribute, old value, new value, and where the new one comes from."""
    name = _ATTRIBUTES.get(row["attribute"], row["attribute"].removeprefix("identifier.").replace("_", " "))
    source = f"{row['source']}:{row['source_record_id']}, by {row['rule']}" if row["source"] and row["after"] else ""
    return name, clipped(row["before"] or NOTHING, LINE), clipped(row["after"] or NOTHING, LINE), source


def changes(entry: Row) -> tuple[list[Row], int]:
    """Return the changes of the golden record that there is room for, and how many there are besides.

    That the published e-mail or phone came or went is not told again among all of them.
    """
    published = {
        (row["golden_id"], row["attribute"] + "s", value)
        for row in entry["changes"]
        for value in (row["before"], row["after"])
    }
    told = [
        row
        for row in entry["changes"]
        if (row["golden_id"], row["attribute"], row["before"] or row["after"]) not in published
    ]
    return told[:_SHOWN], max(0, len(told) - _SHOWN)


def _regrouped(entry: Row) -> str:
    who, customers = _names(list(_callings(entry, "before").values())), len(entry["after"])
    come = "comes" if len(entry["before"]) == 1 else "come"
    return {
        "merge": f"{who} become one customer",
        "regroup": f"The records of {who} are dealt out anew to {counted(customers, 'customer')}",
        "unmerge": f"{who} {come} apart again into {counted(customers, 'customer')}",
        "split": f"{who} {come} apart into {counted(customers, 'customer')}",
        "move": f"Records move among {who}",
    }[entry["kind"]]


def _money(amount: str, currency: str) -> str:
    """Return an amount with its currency; XXX stands for none that was said."""
    told = f"{Decimal(amount):,.2f}"
    return told if currency == "XXX" else f"{told} {currency}"


def _callings(entry: Row, side: str) -> dict[str, str]:
    """Return what to call each customer of a side: by name, and by id too where another one has had that name."""
    ids: dict[str, set[str]] = {}
    for party in (*entry["before"], *entry["after"]):
        ids.setdefault(name_of(party), set()).add(party["golden_id"])
    names = {party["golden_id"]: name_of(party) for party in entry[side]}
    return {golden_id: name if len(ids[name]) == 1 else f"{name} ({golden_id})" for golden_id, name in names.items()}


def _says_more(cause: str, known: set[str]) -> bool:
    """Say whether the cause is another one with `; and …` after it, which the others tell in full."""
    return "; " in cause and cause.rpartition("; ")[0] in known


def _first(told: list[str], shown: int, noun: str) -> list[str]:
    """Return as many of the sentences as there is room for, and how many there are besides."""
    return [*told[:shown], f"and {counted(len(told) - shown, noun)}"] if len(told) > shown else told


def _called(names: dict[str, str], golden_id: str) -> str:
    return names.get(golden_id, golden_id)


def _is_new(side: str) -> bool:
    """Say of a side whether it is the new records, which are named last."""
    return not side.startswith("cus_")


def _listed(told: Sequence[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _names(names: Sequence[str]) -> str:
    """Return the names in a row, as many as a line has room for."""
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    return _listed([*names[:_NAMED], *more])


def _changed(rows: Sequence[Row]) -> str:
    singles = [row for row in rows if row["attribute"] not in LISTED] or rows
    names = list(dict.fromkeys(change(row)[0] for row in singles))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more} change" + ("s" if len(names) == 1 else "")


def _records(entry: Row) -> str:
    come = sum(move["records"] for move in entry["moves"] if move["from"] is None)
    gone = sum(move["records"] for move in entry["moves"] if move["to"] is None)
    told = [f"{counted(come, 'record')} new"] if come else []
    return " and ".join(told + ([f"{counted(gone, 'record')} gone"] if gone else []))


def _firmness(entry: Row) -> str:
    before, after = entry["before"][0]["cohesion"], entry["after"][0]["cohesion"]
    if before == after:
        return "by other ties"
    return f"{'more' if after > before else 'less'} firmly, {before:.3f} before and {after:.3f} after"
