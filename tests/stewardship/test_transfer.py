"""Decisions in files: taken in whole or not at all, once however often, and given out so that they can be taken in."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stewardship.accounts.review_chain import latest, review
from stewardship.answer import Shown, Statement, answer, undo
from stewardship.transfer import export_text, import_file
from tests.stewardship.conftest import START, Desk, record, told
from warehouse.errors import Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from stewardship.entry import Kind

HEAD = "decision,source_l,record_l,source_r,record_r,decided_by,decided_at,reason"
SAID = "ann,2026-01-03T09:00:00Z,so they said"


def written(folder: Path, *lines: str, name: str = "decisions.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def desk(sqlite_desk: Desk) -> Desk:
    return sqlite_desk


def test_a_file_is_imported_once(desk: Desk) -> None:
    file = written(desk.workspace, HEAD, f"same,b,2,a,1,{SAID}", f"different,a,1,c,007,{SAID}")
    done = import_file(desk.store, None, file, "root")
    assert (done.read, done.written, done.had, done.replaced, done.unknown) == (2, 2, 0, 0, ())
    assert [entry.records for entry in desk.another().entries()] == [
        (("a", "1"), ("b", "2")),
        (("a", "1"), ("c", "007")),
    ]
    again = import_file(desk.another(), None, file, "root")
    assert (again.written, again.had) == (0, 2)
    assert desk.store.head() == 2
    who_did_what = [(row["actor"], row["action"]) for row in latest(desk.store, 9)]
    assert sorted(who_did_what) == [("ann", "decided"), ("ann", "decided"), ("root", "imported")]
    assert review(desk.store, ()).decisions == 2


def test_times_are_kept_in_utc(desk: Desk) -> None:
    times = ("2026-01-03T09:00:00+02:00", "2026-01-03", "2026-01-03T09:00:00.25Z")
    rows = [f"same,a,1,b,{number},ann,{time},so" for number, time in enumerate(times)]
    import_file(desk.store, None, written(desk.workspace, HEAD, *rows), "root")
    found = [entry.decided_at.isoformat() for entry in desk.another().entries()]
    assert found == ["2026-01-03T07:00:00", "2026-01-03T00:00:00", "2026-01-03T09:00:00.250000"]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_an_export_into_an_empty_store_says_the_same(desk: Desk, tmp_path: Path, suffix: str) -> None:
    desk.decide("same", "A", 'B,"; \nC')
    mistaken = desk.decide("different", "A", "D")
    desk.revoke(mistaken.id)
    desk.decide("different", "A", "E")
    desk.decide("same", "A", "E", by="Ève ✓")
    file = tmp_path / f"log.{suffix}"
    file.write_text(export_text(desk.store.entries(), as_csv=suffix == "csv"), encoding="utf-8")
    other = Desk("sqlite:///other.sqlite", tmp_path)
    assert import_file(other.store, None, file, "root").written == 5
    assert other.store.entries() == desk.store.entries()
    assert told(other.store.read()) == told(desk.store.read()) == ['A=B,"; \nC', "A=E"]
    for store in (desk.store, other.store):
        assert import_file(store, None, file, "root").had == 5
        assert store.head() == 5


def test_all_kinds_come_back_with_their_acts_and_cards(desk: Desk, tmp_path: Path) -> None:
    a, b, c = map(record, "ABC")
    odd = ("source", 'B,"; \nC')
    shown = Shown("q0123456789abcdef", "a_or_b", 7.25, 1 / 3)
    until = START + timedelta(days=30)
    first = answer(
        desk.store,
        None,
        [
            Statement("split", (a, b, odd), (0, 1, 1)),
            Statement("pin", (a,), attribute="given_name", value="Ève", until=until),
        ],
        desk.says(),
        shown,
    )
    for statement in (
        Statement("pin", (b,), attribute="phone", value="(206) 555-0147"),
        Statement("placeholder", attribute="identifier", value="Loyalty:70-01"),
        Statement("household", (a, c)),
        Statement("not_a_customer", (("source", "D"),)),
        Statement("unsure", (c, b)),
    ):
        answer(desk.store, None, [statement], desk.says())
    undo(desk.store, first.act, desk.says("mistaken"))
    assert len(desk.store.entries()) == 9
    for suffix in ("csv", "jsonl"):
        file = tmp_path / f"log.{suffix}"
        file.write_text(export_text(desk.store.entries(), as_csv=suffix == "csv"), encoding="utf-8")
        other = Desk(f"sqlite:///other-{suffix}.sqlite", tmp_path)
        assert import_file(other.store, None, file, "root").written == 9
        assert other.store.entries() == desk.store.entries()
        assert other.store.read().keys == desk.store.read().keys
        assert import_file(other.store, None, file, "root").had == 9


def test_an_act_is_imported_as_one(desk: Desk, tmp_path: Path) -> None:
    """Said one after the other, its first statement would contradict what its second takes back."""
    for left, right in ("AB", "BC"):
        desk.decide("same", left, right)
    a, b, c = map(record, "ABC")
    answer(desk.store, None, [Statement("different", (a, c)), Statement("different", (a, b))], desk.says())
    text = export_text(desk.store.entries(), as_csv=True)
    file = tmp_path / "log.csv"
    file.write_text(text, encoding="utf-8")
    other = Desk("sqlite:///other.sqlite", tmp_path)
    assert import_file(other.store, None, file, "root").replaced == 1
    assert other.store.entries() == desk.store.entries()
    lines = text.splitlines()
    lines[3:] = [line.replace(",3,,,,", ",,,,,") for line in lines[3:]]
    file.write_text("\n".join(lines), encoding="utf-8")  # the control: the same rows, not said together
    with pytest.raises(Refused, match=r"log.csv:4: .*\(line 2: .*\(line 3: .*leave one of these out; nothing was imp"):
        import_file(Desk("sqlite:///third.sqlite", tmp_path).store, None, file, "root")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("same", "different", "revoke")),
        st.sampled_from([("A", "B"), ("B", "C"), ("A", "C"), ("C", "D"), ("A", "D")]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.booleans())
def test_any_log_comes_back_from_its_export(
    tmp_path: Path, steps: list[tuple[Kind, tuple[str, str]]], as_csv: bool
) -> None:
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    desk, other = Desk("sqlite:///one.sqlite", folder), Desk("sqlite:///two.sqlite", folder)
    for kind, (left, right) in steps:
        standing = desk.store.read()
        before = standing.on((record(left), record(right)))
        if kind == "revoke" and before:
            desk.revoke(before.id)
        elif kind != "revoke":
            try:
                desk.decide(kind, left, right)
            except Refused:
                assert desk.store.read().active() == standing.active()
    file = folder / ("log.csv" if as_csv else "log.jsonl")
    file.write_text(export_text(desk.store.entries(), as_csv=as_csv), encoding="utf-8")
    import_file(other.store, None, file, "root")
    assert other.store.entries() == desk.store.entries()
    assert told(other.store.read()) == told(desk.store.read())


MISTAKES = [
    ([], "decisions.csv:1: is empty and lacks decision, source_l"),
    ([HEAD.replace(",reason", "")], "decisions.csv:1: has the columns decision, source_l"),
    (
        [HEAD, "maybe,a,1,b,2," + SAID],
        "decisions.csv:2: decision is 'maybe'; allowed: different, household, not_a_customer, pin, pl",
    ),
    ([HEAD, f"same,a,1,b,2,{SAID}", f"same,a,1,,2,{SAID}"], "decisions.csv:3: source_r is empty: a decision names two"),
    ([HEAD, f"same,a,1,b,,{SAID}"], "decisions.csv:2: record_r is empty"),
    ([HEAD, f"same,a,1,a,1,{SAID}"], "decisions.csv:2: a:1 is given twice"),
    ([HEAD, "same,a,1,b,2,,2026-01-03,so"], "decisions.csv:2: decided_by is empty: it names who decided"),
    ([HEAD, "same,a,1,b,2,ann,2026-01-03,"], "decisions.csv:2: reason is empty"),
    ([HEAD, "same,a,1,b,2,ann,3.1.2026,so"], "decisions.csv:2: decided_at is '3.1.2026'; allowed: a time such as"),
    ([HEAD, "same,a,1,b,2,ann,0001-01-01T00:00:00+05:00,so"], "decisions.csv:2: decided_at is '0001"),
    (
        [HEAD, "same,a,1,b,2,ann,2026-01-03,so, they said"],
        "decisions.csv:2: 9 cells for 8 columns; quote what holds a comma",
    ),
    ([HEAD, "same,a,1"], "decisions.csv:2: 3 cells for 8 columns"),
    ([HEAD, f'same,a,"1"x,b,2,{SAID}'], "decisions.csv:2: no csv"),
    ([HEAD, f'same,a,"1\n2",b,2,{SAID}', "", f'same,a,"1,b,2,{SAID}'], "decisions.csv:5: no csv"),
    ([HEAD + ",attribute,value", f"pin,a,1,,,{SAID},city,"], "decisions.csv:2: the value to pin for city is empty"),
    ([HEAD + ",attribute,value", f"pin,,,,,{SAID},city,x"], "decisions.csv:2: source_l is empty"),
    ([HEAD + ",attribute,value,until", f"pin,a,1,,,{SAID},city,x,soon"], "decisions.csv:2: until is 'soon'; allowed"),
    ([HEAD + ",attribute,value", f"placeholder,,,,,{SAID},city,x"], "decisions.csv:2: a placeholder is of given_name"),
    ([HEAD, f"split,a,1,b,2,{SAID}"], 'decisions.csv:2: split names its records, as [["billing","B1",0,null]'),
    ([HEAD + ",split", f"split,,,,,{SAID},[1]"], "decisions.csv:2: split names its records"),
    ([HEAD + ",split", f'split,,,,,{SAID},"[[""a"",7,0,null]]"'], "decisions.csv:2: split names its records, as"),
    ([HEAD + ",split", f'split,,,,,{SAID},"[[""a"",""7"",2,null]]"'], "decisions.csv:2: a split names a side, 0 or 1"),
    ([HEAD + ",item_id,seconds", f"same,a,1,b,2,{SAID},q1,long"], "decisions.csv:2: seconds is 'long'; allowed: a num"),
    ([HEAD + ",revokes", "revoke,,,,," + SAID + ","], "decisions.csv:2: revokes is empty"),
    ([HEAD + ",revokes", "revoke,,,,," + SAID + ",two"], "decisions.csv:2: revokes is 'two'; allowed: the number"),
]


@pytest.mark.parametrize(("lines", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake_names_its_line_and_leaves_nothing(desk: Desk, lines: list[str], message: str) -> None:
    with pytest.raises(UsageError) as failed:
        import_file(desk.store, None, written(desk.workspace, *lines) if lines else empty(desk.workspace), "root")
    assert failed.value.message.startswith(message)
    assert desk.store.head() == 0


def empty(folder: Path) -> Path:
    (folder / "decisions.csv").write_text("")
    return folder / "decisions.csv"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "decisions.jsonl:2: no JSON"),
        ("[1]", "decisions.jsonl:2: found list; a line is one JSON object"),
        ('{"decision": true}', "decisions.jsonl:2: decision is true; allowed: a text"),
        (
            '{"decision": "same", "reason": "a\\u0000b", "decided_by": "ann"}',
            "decisions.jsonl:2: reason holds characters",
        ),
    ],
)
def test_a_mistake_in_json_names_its_line(desk: Desk, line: str, message: str) -> None:
    good = dict(zip(HEAD.split(","), f"same,a,1,b,2,{SAID}".split(","), strict=True))
    file = written(desk.workspace, json.dumps(good), line, name="decisions.jsonl")
    with pytest.raises(UsageError) as failed:
        import_file(desk.store, None, file, "root")
    assert failed.value.message.startswith(message)
    assert desk.store.head() == 0


def test_a_file_that_is_not_there_or_no_text(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no file"):
        import_file(desk.store, None, desk.workspace / "none.csv", "root")
    (desk.workspace / "latin.csv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match="cannot be read as text in UTF-8"):
        import_file(desk.store, None, desk.workspace / "latin.csv", "root")


def test_a_contradiction_names_the_lines_that_cause_it(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    rows = [f"same,source,{left},source,{right},{SAID}" for left, right in ("BC", "CD")]
    file = written(desk.workspace, HEAD, *rows, f"different,source,A,source,D,{SAID}")
    with pytest.raises(Refused) as refused:
        import_file(desk.store, None, file, "root")
    for part in (
        "decisions.csv:4: source:A and source:D cannot be different ones",
        "(decision 1:",
        "(line 2:",
        "(line 3:",
    ):
        assert part in refused.value.message
    assert "`joinedup review revoke` 1 first, or leave one of these out; nothing was imported" in refused.value.message
    assert desk.active() == ["A=B"]


def test_an_older_decision_does_not_replace_a_later_one(desk: Desk) -> None:
    desk.decide("same", "A", "B")
    file = written(desk.workspace, HEAD, "different,source,A,source,B,bo,2025-06-01,a guess")
    with pytest.raises(Refused, match=r"decisions.csv:2: .* decided since, as same in decision 1 \(ann, 2026-01-03"):
        import_file(desk.store, None, file, "root")
    later = written(desk.workspace, HEAD, "different,source,A,source,B,bo,2026-06-01,we asked")
    assert import_file(desk.store, None, later, "root").replaced == 1
    assert desk.active() == ["A≠B"]


def test_a_revocation_of_nothing_in_the_file(desk: Desk) -> None:
    file = written(desk.workspace, HEAD + ",revokes", f"revoke,,,,,{SAID},7")
    with pytest.raises(Refused, match=r"decisions.csv:2: it revokes 7, and no row before has that id; nothing"):
        import_file(desk.store, None, file, "root")
