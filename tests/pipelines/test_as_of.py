"""Looking back: what `show` and `explain --as-of` say of older releases is what they said when these were published."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from customer360.view import customer_view
from golden.past import customer_then, moment_of_release
from matching.explain import explain
from pipelines.commands.options import parse_record
from pipelines.rebuild import workings_of
from stewardship.store import Said, open_store
from tests.pipelines.shop import SETTINGS, TONIGHT, Shop
from warehouse.connection import open_database
from warehouse.read import open_release
from warehouse.release.listing import list_releases
from warehouse.settings.load import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipelines.shop import Answer

    Call = Callable[..., Answer]

RETENTION = "retention: {releases: 3}\n"
STRICT = "matching: {merge_at: 0.99, placeholders: {phone: ['2065550002']}}\nsurvivorship: {default: [recency]}\n"
PAIRS = (("billing:A900", "billing:A901"), ("billing:A001", "cases:C001-0"), ("billing:A002", "cases:C002-0"))
PETRA = {"first_name": "Petra", "last_name": "Lindqvist", "email": "petra@lindqvist.example", "born": "1971-03-04"}
OMAR = {"first_name": "Omar", "last_name": "Nwosu", "email": "omar@nwosu.example", "born": "1990-10-11"}
ANN = Said("ann", datetime(2026, 2, 2), "father and son")  # noqa: DTZ001 - naive UTC by design
A902 = "billing:A902"
ABOUT = ("customer", "crosswalk")


@dataclass
class Past:
    """A shop of five releases, the first two of which are gone, and what was said of each when it was published."""

    shop: Shop
    shown: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    explained: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def night(self) -> None:
        """Run a night, and keep what is said of it."""
        assert TONIGHT.as_of is not None
        at = TONIGHT.as_of + timedelta(days=len(self.shown))
        assert self.shop.night(replace(TONIGHT, as_of=at), checks=False).published
        with open_release(self.shop.path) as release, release.workings() as workings:
            ids = [golden_id for (golden_id,) in release.con.execute("SELECT golden_id FROM customer").fetchall()]
            views = {golden_id: customer_view(release.con, golden_id) for golden_id in ids}
            self.shown[release.release_id] = {name: as_json(view.document()) for name, view in views.items() if view}
            pairs = [(parse_record(left), parse_record(right)) for left, right in PAIRS]
            self.explained[release.release_id] = [as_json(explain(workings, *pair).document()) for pair in pairs]


def as_json(document: object) -> dict[str, Any]:
    """Return a document as the command line would write it."""
    found: dict[str, Any] = json.loads(json.dumps(document, default=lambda value: value.isoformat()))
    return found


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    shop = Shop(tmp_path_factory.mktemp("past") / "shop", settings=SETTINGS + RETENTION)
    shop.populate(12, 12)
    for number in (1, 2):
        known = shop.accounts[f"A00{number}"]
        shop.case(f"C00{number}-0", name=f"{known['first_name']} {known['last_name']}", phone=known["phone"])
    shop.account("A900", **PETRA, phone="2065558811")
    shop.account("A901", **OMAR)
    found = Past(shop)
    found.night()
    shop.account("A901", **PETRA, phone="2065558811", opened_on="2026-01-20")  # r2: two customers become one
    found.night()
    store = open_store(load_settings(shop.workspace.settings_file), shop.path)
    pair = (("billing", "A900"), ("billing", "A901"))
    with store.writing() as log:
        log.decide("different", pair, ANN, (None, None))
    shop.settings = SETTINGS + RETENTION + STRICT
    shop.account("A902", **OMAR)  # r3: and two again, under other settings
    found.night()
    shop.settings = SETTINGS + RETENTION
    with store.writing() as log:
        log.revoke(1, ANN)  # r4: and one
    found.night()
    del shop.accounts["A902"]  # r5: somebody vanishes
    found.night()
    return found


def document(answer: Answer) -> dict[str, Any]:
    assert answer.exit_code == 0, answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def records_of(view: dict[str, Any]) -> set[str]:
    return {f"{row['source']}:{row['source_record_id']}" for row in view["crosswalk"]}


def show(past: Past, joinedup: Call, who: str, as_of: str) -> dict[str, Any]:
    return document(joinedup("show", who, "-w", past.shop.path, "--as-of", as_of, "--json"))


def test_what_is_kept_is_three_releases_and_two_workings(past: Past) -> None:
    kept = {entry["release_id"]: entry["workings"] for entry in list_releases(past.shop.workspace)}
    assert kept == {"r5": True, "r4": True, "r3": False}
    assert len(past.shown["r1"]) == len(past.shown["r2"]) + 1


def test_a_kept_release_is_shown_as_it_was(past: Past, joinedup: Call) -> None:
    golden_id = next(iter(past.shown["r3"]))
    assert show(past, joinedup, golden_id, "r3") == {"release_id": "r3", "kept": True, **past.shown["r3"][golden_id]}


@pytest.mark.parametrize("release_id", ["r1", "r2"])
def test_every_customer_of_a_release_that_is_gone_is_rebuilt(past: Past, release_id: str) -> None:
    with open_release(past.shop.path) as newest:
        moment = moment_of_release(newest.con, release_id)
        for golden_id, shown in past.shown[release_id].items():
            then = customer_then(newest.con, golden_id, moment)
            assert then is not None
            assert as_json(dict(zip(ABOUT, then, strict=True))) == {name: shown[name] for name in ABOUT}
        gone = {golden_id for views in past.shown.values() for golden_id in views} - set(past.shown[release_id])
        assert gone
        assert {customer_then(newest.con, golden_id, moment) for golden_id in gone} == {None}


def test_a_release_that_is_gone_is_shown_from_the_log(past: Past, joinedup: Call) -> None:
    of_record = show(past, joinedup, "billing:A901", "r2")
    petra = of_record["customer"]["golden_id"]
    assert (of_record["release_id"], of_record["kept"]) == ("r2", False)
    assert {name: of_record[name] for name in ABOUT} == {name: past.shown["r2"][petra][name] for name in ABOUT}
    assert of_record["change"] == past.shown["r2"][petra]["change"]
    assert show(past, joinedup, "billing:A901", "2026-02-02") == of_record
    (omar,) = set(past.shown["r1"]) - set(past.shown["r2"])  # who had merged, and is followed
    assert show(past, joinedup, omar, "r2") == of_record
    page = joinedup("show", petra, "-w", past.shop.path, "--as-of", "r2").out
    assert "r2 is not kept any more" in page
    assert "Petra Lindqvist" in page


def test_nobody_and_never_are_told_apart(past: Past, joinedup: Call) -> None:
    def refused(*arguments: str) -> str:
        answer = joinedup(*arguments, "-w", past.shop.path)
        assert (answer.exit_code, answer.out) == (6, "")
        return answer.err

    (later,) = (name for name, view in past.shown["r3"].items() if A902 in records_of(view))
    assert f"nobody as of r2; {later} is there from r3 on" in refused("show", later, "--as-of", "r2")
    assert "nobody as of r2" in refused("show", A902, "--as-of", "r2")
    assert "that customer was retired by r5" in refused("show", later)
    assert "no release r99: the newest is r5" in refused("show", later, "--as-of", "r99")
    assert "no release is as of 2025-12-31" in refused("show", later, "--as-of", "2025-12-31")
    assert "r1 is gone: name a golden id or a record" in refused("show", "--find", "petra", "--as-of", "r1")
    assert "r1 was removed (retention.releases)" in refused("explain", *PAIRS[0], "--as-of", "r1")


def test_older_workings_are_rebuilt_under_the_settings_and_decisions_of_then(past: Past) -> None:
    with open_release(past.shop.path, "r3") as release, workings_of(release) as workings:
        pairs = [(parse_record(left), parse_record(right)) for left, right in PAIRS]
        assert [as_json(explain(workings, *pair).document()) for pair in pairs] == past.explained["r3"]
    assert [one == other for one, other in zip(past.explained["r3"], past.explained["r4"], strict=True)] == [False] * 3
    assert not list(past.shop.workspace.var.glob(".rebuilt_*"))


def test_what_is_not_as_it_was_is_refused_rather_than_told(past: Past, joinedup: Call) -> None:
    """The control of the comparison with the release: it fails where the warehouse says something else."""
    con = open_database(past.shop.workspace.warehouse_file)
    con.execute("CREATE TABLE kept AS SELECT rowid AS row, emails FROM landing.source_record")
    con.execute("UPDATE landing.source_record SET emails = ['one@mail.example']")
    con.close()
    answer = joinedup("explain", *PAIRS[0], "-w", past.shop.path, "--as-of", "r3")
    assert answer.exit_code == 6
    assert "another version of joinedup published it" in answer.err
    con = open_database(past.shop.workspace.warehouse_file)
    con.execute("UPDATE landing.source_record SET emails = kept.emails FROM kept WHERE source_record.rowid = kept.row")
    con.execute("DROP TABLE kept")
    con.execute("CREATE TABLE kept AS FROM landing.source_record WHERE source_record_id = 'A003'")
    con.execute("DELETE FROM landing.source_record WHERE source_record_id = 'A003'")
    con.close()
    answer = joinedup("explain", *PAIRS[0], "-w", past.shop.path, "--as-of", "r3")
    assert answer.exit_code == 6
    assert "not in the warehouse any more as they were then" in answer.err
    con = open_database(past.shop.workspace.warehouse_file)
    con.execute("INSERT INTO landing.source_record FROM kept")
    con.execute("DROP TABLE kept")
    con.close()
