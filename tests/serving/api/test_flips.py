"""One answer is of one release, however often `current` moves while it is asked."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.serving.api.asking import asking
from tests.serving.api.made_release import made_workspace, make_release
from warehouse.release.pointer import point_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.serving.api.asking import Api
    from warehouse.workspace import Workspace

PATHS = (
    "/customers/cus_1",
    "/customers/cus_2/activity",
    "/customers/cus_3/history",
    "/customers?q=person",
    "/customers?reference=ref-2-1",
    "/changes",
    "/releases/current",
)


def is_mixed(told: dict[str, Any]) -> bool:
    """Say whether an answer holds anything of another release than the one that it names."""
    other = {"r1": "r2", "r2": "r1"}[told["release_id"]]
    number = int(told["release_id"][1:])
    return f'"{other}"' in str(told).replace("'", '"') or told["as_of"] != f"2026-02-{1 + number:02d}T09:00:00Z"


def keep_asking(api: Api, place: int, ended: threading.Event, told: list[tuple[int, bool]]) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['steward']}"}
    with httpx.Client(base_url=f"{api.base}/api/v1", timeout=60, headers=headers) as client:
        while not ended.is_set():
            place += 1
            answer = client.get(PATHS[place % len(PATHS)])
            told.append((answer.status_code, answer.status_code == 200 and is_mixed(answer.json())))


def flip(workspace: Workspace, times: int, threads: int) -> list[tuple[int, bool]]:
    """Return the status of each answer, and whether it was mixed, of threads that ask while `current` moves."""
    told: list[tuple[int, bool]] = []
    ended = threading.Event()
    with asking(workspace) as api:
        asks = [threading.Thread(target=keep_asking, args=(api, place, ended, told)) for place in range(threads)]
        for each in asks:
            each.start()
        for number in range(times):
            before = len(told)
            point_at(workspace, "r1" if number % 2 else "r2")
            while len(told) < before + threads:  # each flip meets as many answers as there are who ask
                time.sleep(0.002)
        ended.set()
        for each in asks:
            each.join(60)
    return told


@pytest.fixture
def two_releases(tmp_path: Path) -> Workspace:
    workspace = made_workspace(tmp_path / "shop")
    for release_id in ("r1", "r2"):
        make_release(workspace, release_id)
    return workspace


def test_a_dozen_flips_mix_no_answer(two_releases: Workspace) -> None:
    told = flip(two_releases, 12, 4)
    assert len(told) >= 48
    assert set(told) == {(200, False)}


@pytest.mark.soak
def test_two_hundred_flips_mix_no_answer(two_releases: Workspace) -> None:
    began = time.perf_counter()
    told = flip(two_releases, 200, 8)
    seconds = time.perf_counter() - began
    wrong = [each for each in told if each != (200, False)]
    print(f"\n200 flips under 8 clients in {seconds:.0f} s: {len(told)} answers, {len(wrong)} mixed or errors")
    assert wrong == []


def test_a_mixed_answer_would_be_seen() -> None:
    """The control."""
    whole = {"release_id": "r1", "as_of": "2026-02-02T09:00:00Z", "customer": {"changed_in": "r1"}}
    assert not is_mixed(whole)
    assert is_mixed(whole | {"customer": {"changed_in": "r2"}})
    assert is_mixed(whole | {"as_of": "2026-02-03T09:00:00Z"})
