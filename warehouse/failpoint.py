"""Named points at which a test may kill the process, to see that nothing half done is ever taken for whole."""

from __future__ import annotations

import os
import signal

FAILPOINT_VARIABLE = "JOINEDUP_FAILPOINT"


def failpoint(name: str) -> None:
    """Die here, without a chance to clean up, when $JOINEDUP_FAILPOINT names this point."""
    if os.environ.get(FAILPOINT_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
