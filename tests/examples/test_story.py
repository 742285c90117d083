"""The people of the story: their records are in the exports, and say on each night what the story needs them to say."""

from __future__ import annotations

import csv
import json
import mailbox
from typing import TYPE_CHECKING, Any, get_args

import pytest

from examples.shop.clock import NIGHTS
from examples.shop.generate import truth
from examples.shop.story import Role

if TYPE_CHECKING:
    from tests.examples.conftest import Night

PEOPLE = 600
Row = dict[str, Any]


@pytest.fixture(scope="session")
def records(nights: dict[int, Night]) -> dict[int, dict[str, Row]]:
    """Return each night's orders, accounts and cases by record key."""
    found: dict[int, dict[str, Row]] = {}
    for night, (folder, _) in nights.items():
        rows: dict[str, Row] = {}
        with (folder / "exports/orders.csv").open(encoding="cp1252", newline="") as file:
            rows |= {f"orders:{row['order_no']}": dict(row) for row in csv.DictReader(file, delimiter=";")}
        with (folder / "exports/billing.csv").open(encoding="utf-8", newline="") as file:
            rows |= {f"billing:{row['account_no']}": dict(row) for row in csv.DictReader(file)}
        for line in (folder / "exports/cases.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            rows[f"cases:{case['id']}"] = case
        box = mailbox.mbox(folder / f"exports/mail/mail-{night}.mbox", create=False)
        rows |= {f"mail:{message['Message-ID']}": {"from": message["From"]} for message in box}
        box.close()
        found[night] = rows | {key: row for key, row in found.get(night - 1, {}).items() if key.startswith("mail:")}
    return found


def owner(row: Row) -> Row:
    """Give what billing says about the owner of an account, without the account's own columns."""
    return {column: value for column, value in row.items() if column not in {"account_no", "opened_on", "changed_at"}}


def test_every_role_is_played_once(nights: dict[int, Night]) -> None:
    played = [part.role for night in NIGHTS for part in nights[night].story.parts]
    assert sorted(played) == sorted(get_args(Role))
    with pytest.raises(KeyError, match="nobody splits on night 1"):
        nights[1].story.part("splits")


@pytest.mark.parametrize("night", NIGHTS)
def test_the_records_of_every_part_are_delivered_by_its_night(
    night: int, nights: dict[int, Night], records: dict[int, dict[str, Row]]
) -> None:
    for part in nights[night].story.parts:
        for group in part.groups:
            assert [key for key in group if key not in records[night]] == [], part.role


def test_the_truth_knows_which_groups_are_one_person(nights: dict[int, Night]) -> None:
    person_of = {f"{source}:{key}": person for source, key, person in truth(3, people=PEOPLE)}
    for night in NIGHTS:
        for part in nights[night].story.parts:
            people = [{person_of[key] for key in group} for group in part.groups]
            assert all(len(one) == 1 for one in people), part.role
            assert len(set.union(*people)) == (1 if part.role == "merges" else len(part.groups)), part.role


def test_the_family_shares_its_telephone(nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    rows = [records[1][key] for group in nights[1].story.part("shares_phone").groups for key in group]
    assert len({row.get("phone") or row.get("phone_home") for row in rows}) == 1
    assert len({row["birth_date"] for row in rows if "birth_date" in row}) == 3


def test_an_account_waits_for_a_day_that_exists(nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    ((account,),) = nights[1].story.part("unreadable").groups
    assert [records[night][account]["birth_date"] for night in NIGHTS] == ["02/30/1981", "03/02/1981", "03/02/1981"]


def test_night_two_changes_what_it_tells(nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    changed: tuple[tuple[Role, str], ...] = (("moves", "street"), ("marries", "account_name"), ("corrects", "email"))
    for role, column in changed:
        account = nights[2].story.part(role).groups[0][0]
        before, after = owner(records[1][account]), owner(records[2][account])
        different = {name for name in before if before[name] != after[name]}
        assert column in different
        assert different <= {column, "house_no", "unit", "city", "zip"}
    order, letter, case = nights[2].story.part("complains").groups[0]
    assert records[2][case]["order_ref"] == order.removeprefix("orders:")
    assert records[2][order]["status"] == "shipped"
    assert letter in records[2]


def test_night_three_merges_two_customers(nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    (old_account, old_case), (account, *_) = nights[3].story.part("merges").groups
    for night in (1, 2):
        then, now = owner(records[night][old_account]), owner(records[night][account])
        shared = {name for name in then if then[name] == now[name] != ""}
        assert shared == {"state", "balance", "status"}
        assert not records[night][old_case]["contact"]["name"].endswith("Marsden")
    assert owner(records[3][old_account]) == owner(records[3][account])
    assert records[3][old_case]["contact"]["name"] == "Delia Marsden"


def test_night_three_splits_one_customer(nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    (account, *_), (her_account, her_case, protest) = nights[3].story.part("splits").groups
    for night in (1, 2):
        assert owner(records[night][account]) == owner(records[night][her_account])
        assert records[night][her_case]["contact"]["name"] == "Nora Whitlocke"
        assert protest not in records[night]
    hers, noras = owner(records[3][her_account]), owner(records[3][account])
    assert {name for name in hers if hers[name] == noras[name] != ""} == {"state", "balance", "status"}
    assert records[3][her_case]["contact"]["name"] == "Priya Ranganathan"


@pytest.mark.parametrize("night", [2, 3])
def test_people_come_and_accounts_go(night: int, nights: dict[int, Night], records: dict[int, dict[str, Row]]) -> None:
    story = nights[night].story
    assert story.arrivals
    assert story.departures
    assert all(key in records[night] and key not in records[night - 1] for key in story.arrivals)
    assert all(key not in records[night] and key in records[night - 1] for key in story.departures)
    assert len(story.departures) * 20 < nights[night - 1].story.records["billing"], "near the deletion gate"
    kept = set(records[night - 1]) - set(story.departures)
    assert kept <= set(records[night])
