"""`joinedup review measure`: how good the release is, by the pairs that were drawn at random and judged."""

from __future__ import annotations

from pipelines.commands.options import JsonOption, WorkspaceOption, answer
from warehouse.settings.load import load_settings
from warehouse.workspace import resolve_workspace


def measure(workspace: WorkspaceOption = None, *, as_json: JsonOption = False) -> None:
    """Tell the precision and recall of the release, by pairs drawn at random that stewards have judged."""
    from pipelines.words_of_measuring import measure_page  # SQLAlchemy and SciPy are slow to load
    from stewardship.look_up import open_current
    from stewardship.measure import measure_release
    from stewardship.store import open_store

    place = resolve_workspace(workspace)
    store = open_store(load_settings(place.settings_file), place.path)
    release = open_current(place)
    try:
        document = measure_release(store, release)
    finally:
        if release is not None:
            release.close()
    answer(document, lambda: measure_page(document), as_json=as_json)
