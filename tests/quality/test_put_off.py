from __future__ import annotations

import sys
from pathlib import Path

import pytest

from quality.put_off import put_off


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = "a_module_that_takes_long"
    (tmp_path / f"{name}.py").write_text("ANSWER = 42\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_a_module_is_imported_when_it_is_used(module: str) -> None:
    with put_off(module):
        put = __import__(module)
        assert not hasattr(put, "__file__")
    assert module not in sys.modules
    assert put.ANSWER == 42
    assert sys.modules[module] is not put


def test_a_module_may_be_used_while_it_is_put_off(module: str) -> None:
    with put_off(module):
        assert __import__(module).ANSWER == 42
    assert sys.modules[module].ANSWER == 42


def test_who_imports_it_afterwards_gets_the_module(module: str) -> None:
    with put_off(module):
        put = __import__(module)
    assert __import__(module) is not put


def test_a_module_that_is_there_stays() -> None:
    with put_off("pathlib"):
        assert __import__("pathlib").Path is Path
