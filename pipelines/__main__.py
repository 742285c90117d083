"""`python -m pipelines`: the command `joinedup`, where its script is not on the path."""

from __future__ import annotations

from pipelines.cli import main

if __name__ == "__main__":
    main()
