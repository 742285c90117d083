"""The root dagster.yaml keeps everything of Dagster's in the one folder that it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

KEPT_IN = "JOINEDUP_DAGSTER_DIR"


@dg.asset
def kept_by_the_default_io_manager() -> int:
    return 1


def files_in(folder: Path) -> set[Path]:
    return {file.relative_to(folder) for file in folder.rglob("*") if file.is_file()}


def test_a_run_writes_nowhere_else(tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, kept, elsewhere = (tmp_path / name for name in ("config", "kept", "elsewhere"))
    for folder in (config, kept, elsewhere):
        folder.mkdir()
    (config / "dagster.yaml").write_text((checkout / "dagster.yaml").read_text())
    monkeypatch.setenv(KEPT_IN, str(kept))
    monkeypatch.setenv("DAGSTER_HOME", str(elsewhere))
    monkeypatch.setenv("HOME", str(elsewhere))
    monkeypatch.chdir(elsewhere)

    with dg.DagsterInstance.from_config(str(config)) as instance:
        result = dg.materialize([kept_by_the_default_io_manager], instance=instance)
        assert not instance.telemetry_enabled
        assert instance.get_run_by_id(result.run_id) is not None

    assert files_in(elsewhere) == set()
    assert {str(file) for file in files_in(config)} == {"dagster.yaml"}
    assert {file.parts[0] for file in files_in(kept)} == {"history", "schedules", "storage", result.run_id}


def test_without_the_folder_it_says_which_variable_is_missing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEPT_IN, raising=False)
    with pytest.raises(Exception, match=KEPT_IN):
        dg.DagsterInstance.from_config(str(checkout))
