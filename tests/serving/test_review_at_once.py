"""Many like cases at once, and a customer taken apart from its own page."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
import sqlalchemy as sa

from stewardship.answer import Statement, answer
from stewardship.desk_tables import ASSIGNMENT, CLAIM, COMMENT, SKIP
from stewardship.entry import written
from stewardship.log import Said, Shown
from stewardship.pages.going_on import pattern_path
from stewardship.queue import item_of, open_items
from tests.pipelines.shop import Shop
from tests.serving.site import WOMEN_WHO_MARRIED, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stewardship.entry import Kind
    from stewardship.queue import Item
    from stewardship.web.releases import Pinned

SAMPLE = 5


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site over a shop whose cases are all of one kind: another family name at the same address."""
    path = tmp_path_factory.mktemp("alike")
    shop = Shop(path / "shop")
    shop.populate(40, 11)
    for number, (first, before, after, street) in enumerate(WOMEN_WHO_MARRIED):
        home = {"street": street, "city": "Brightwater", "zip": f"98{100 + number}"}
        shop.account(f"N{number}", first_name=first, last_name=before, phone=f"42555501{number:02d}", **home)
        shop.account(f"M{number}", first_name=first, last_name=after, **home)
    with Site(path, shop).running() as site:
        yield site


@pytest.fixture
def ann(alike: Site) -> Iterator[httpx.Client]:
    cookies, headers = alike.credentials("ann")
    before = {entry.act for entry in alike.shared.store.read().active()}
    with httpx.Client(base_url=alike.url(), cookies=cookies, headers=headers) as client:
        yield client
    with alike.shared.store.writing() as log:
        for entry in log.standing.active():
            if entry.act not in before:
                log.revoke(entry.id, Said("tests", datetime.now(UTC).replace(tzinfo=None), "again"))


def pinned_of(site: Site) -> Pinned:
    pinned = site.shared.releases.current()
    assert pinned is not None
    return pinned


def pattern_of(site: Site) -> str:
    """Return the pattern that most of the cases are of."""
    with pinned_of(site).workings() as con:
        query = "SELECT pattern FROM review.item WHERE pattern IS NOT NULL GROUP BY ALL ORDER BY count(*) DESC LIMIT 1"
        (found,) = con.execute(query).fetchone() or (None,)
    assert found is not None, "no cases are alike"
    return str(found)


def waiting(site: Site) -> tuple[Item, ...]:
    """Return the open cases of the pattern."""
    return open_items(pinned_of(site), site.shared.store, queue="oldest", pattern=pattern_of(site)).items


def judge_sample(site: Site, client: httpx.Client, kinds: tuple[Kind, ...]) -> None:
    """Let a steward judge the cases of the sample, one after the other."""
    page = client.get(f"/review/pattern/{pattern_of(site)}").text
    sample = [item for item in waiting(site) if f"/review/item/{item.item_id}" in page]
    assert len(sample) == SAMPLE
    said = Said("ann", datetime.now(UTC).replace(tzinfo=None), "looked at")
    for each, kind in zip(sample, kinds, strict=True):
        item = item_of(pinned_of(site), site.shared.store, each.item_id)
        assert item is not None
        statements = [Statement(kind, asked.records) for asked in item.asked]
        answer(site.shared.store, None, statements, said, Shown(item.item_id, item.queue))


def answer_all(site: Site, client: httpx.Client, key: str, *, sure: bool) -> httpx.Response:
    form = {"pattern": pattern_of(site), "key": key, "sure": key if sure else ""}
    return client.post("/review/pattern/answer", data=form)


def test_nothing_is_answered_at_once_before_the_sample_is_judged(alike: Site, ann: httpx.Client) -> None:
    open_before = len(waiting(alike))
    assert answer_all(alike, ann, "D", sure=True).status_code == 409
    assert len(waiting(alike)) == open_before


def test_who_judges_a_sample_goes_back_to_the_pattern(alike: Site, ann: httpx.Client) -> None:
    path = pattern_path(pattern_of(alike))
    pattern = ann.get(path)
    first = next(
        item.item_id for item in waiting(alike) if f"/review/item/{item.item_id}?queue=pattern" in pattern.text
    )
    card = ann.get(f"/review/item/{first}?queue=pattern").text
    assert f'href="{path}"' in card
    form = {"queue": "pattern", "key": "D", "sure": "D", "release": pinned_of(alike).release_id}
    done = ann.post(f"/review/item/{first}/answer", data=form)
    assert done.status_code == 303
    assert done.headers["location"].startswith(f"{path}?did=")
    assert "not one customer" in ann.get(done.headers["location"]).text
    later = ann.post(f"/review/item/{first}/skip", data={"queue": "pattern", "until": "2999-01-01"})
    assert later.headers["location"].startswith(path)


@pytest.mark.parametrize(("key", "status"), [("9", 422), ("11", 422), ("111", 400)])
def test_the_eleventh_of_many_answers_can_be_given(alike: Site, ann: httpx.Client, key: str, status: int) -> None:
    """A card of twelve customers has so many; this one has not, and says so."""
    item = waiting(alike)[0].item_id
    form = {"key": key, "release": pinned_of(alike).release_id}
    said = ann.post(f"/review/item/{item}/answer", data=form)
    assert said.status_code == status
    assert (f"this card has no answer &#39;{key}&#39;" in said.text) is (status == 422)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("skip", {"until": "2999-01-01"}),
        ("assign", {"to": "bo"}),
        ("comment", {"text": "who is this?"}),
        ("answer", {"key": "D"}),
        ("preview", {"key": "D"}),
    ],
)
def test_a_case_that_there_is_not_is_not_found(alike: Site, ann: httpx.Client, path: str, form: dict[str, str]) -> None:
    head = alike.shared.store.head()
    assert ann.post(f"/review/item/q0000/{path}", data=form).status_code == 404
    with alike.shared.store.looking() as con:
        assert con is not None
        for table in (ASSIGNMENT, COMMENT, SKIP, CLAIM):
            assert con.execute(sa.select(table.c.item_id).where(table.c.item_id == "q0000")).all() == []
    assert alike.shared.store.head() == head
    assert ann.get("/review/item/q0000").status_code == 404


def test_a_sample_that_was_not_judged_alike_opens_nothing(alike: Site, ann: httpx.Client) -> None:
    judge_sample(alike, ann, ("different", "different", "same", "different", "different"))
    left = len(waiting(alike))
    assert answer_all(alike, ann, "D", sure=True).status_code == 409
    assert len(waiting(alike)) == left


def test_what_is_like_a_sample_judged_alike_is_answered_at_once_and_undone(alike: Site, ann: httpx.Client) -> None:
    judge_sample(alike, ann, ("different", "different", "different", "different", "different"))
    left = waiting(alike)
    assert left
    asked = answer_all(alike, ann, "D", sure=False)
    assert (asked.status_code, waiting(alike)) == (200, left)
    assert answer_all(alike, ann, "S", sure=True).status_code == 409
    done = answer_all(alike, ann, "D", sure=True)
    assert (done.status_code, waiting(alike)) == (200, ())
    entries = alike.shared.store.entries()[-len(left) :]
    assert {(entry.kind, entry.decided_by, entry.item_id) for entry in entries} == {
        ("different", "ann", item.item_id) for item in left
    }
    acts = ",".join(str(entry.act) for entry in entries)
    ann.post("/review/pattern/undo", data={"pattern": pattern_of(alike), "acts": acts})
    assert {item.item_id for item in waiting(alike)} == {item.item_id for item in left}


def customer_of_several(site: Site) -> tuple[str, list[str]]:
    """Return a customer of several records, and these as they are written."""
    with pinned_of(site).golden() as con:
        rows = con.execute("""
            SELECT golden_id, list((source, source_record_id) ORDER BY source, source_record_id) FROM crosswalk
            GROUP BY golden_id HAVING count(*) > 2 ORDER BY golden_id LIMIT 1
        """).fetchall()
    golden_id, records = rows[0]
    return golden_id, [written(record) for record in records]


def test_a_customer_is_taken_apart_from_its_page_once_that_is_meant(alike: Site, ann: httpx.Client) -> None:
    golden_id, records = customer_of_several(alike)
    head = alike.shared.store.head()
    form = {"out": "0", "key": "O", "release": pinned_of(alike).release_id, "reason": "his son"}
    asked = ann.post(f"/review/customer/{golden_id}/part", data=form)
    assert (asked.status_code, alike.shared.store.head()) == (200, head)
    done = ann.post(f"/review/customer/{golden_id}/part", data=form | {"sure": "O"})
    assert done.status_code in {200, 303}
    (entry,) = alike.shared.store.entries()[head:]
    assert (entry.kind, entry.decided_by, entry.reason) == ("split", "ann", "his son")
    assert sorted(map(written, entry.records)) == records
    assert min(entry.sides.count(0), entry.sides.count(1)) == 1


def test_a_page_of_an_older_release_takes_nothing_apart(alike: Site, ann: httpx.Client) -> None:
    golden_id, _ = customer_of_several(alike)
    head = alike.shared.store.head()
    form = {"out": "0", "key": "O", "sure": "O", "release": "r0"}
    assert ann.post(f"/review/customer/{golden_id}/part", data=form).status_code == 409
    assert alike.shared.store.head() == head


def test_much_is_not_taken_apart_by_one_person_alone(alike: Site, tmp_path: Path) -> None:
    assert alike.shop is not None
    shutil.copytree(alike.shop.path, tmp_path / "shop", symlinks=True)
    with (tmp_path / "shop" / "joinedup.yaml").open("a", encoding="utf-8") as file:
        file.write("stewardship: {second_pair_of_eyes_from: 0}\n")
    with Site(tmp_path, Shop(tmp_path / "shop")).running() as careful:
        golden_id, _ = customer_of_several(careful)
        head = careful.shared.store.head()
        cookies, headers = careful.credentials("bo")
        form = {"out": "0", "key": "O", "sure": "O", "release": pinned_of(careful).release_id}
        answered = httpx.post(
            careful.url(f"/review/customer/{golden_id}/part"), data=form, cookies=cookies, headers=headers
        )
        assert (answered.status_code, careful.shared.store.head()) == (409, head)
        assert "a second person confirms" in answered.text
