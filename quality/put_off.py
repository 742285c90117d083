"""Puts off importing a module until something of it is asked for.

Great Expectations imports altair and scipy.stats for one expectation that draws and a few that fit distributions. They
take a third of its import, every night, and are hardly ever used; who does use them waits then.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _PutOff(ModuleType):
    """Stands for a module in those that import it, and imports it when it is first used."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # the import system and debuggers look at every module; that is no use of it
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def put_off(*names: str) -> Iterator[None]:
    """Let what is imported in the block import these modules only when it uses them; nobody else notices."""
    stand_ins = {name: _PutOff(name) for name in names if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
