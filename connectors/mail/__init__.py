"""Mail: from raw messages to plain columns, one module per step, in the order `split_mbox`, `message`, `columns`."""
