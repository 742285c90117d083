"""Which rows of the quarantine are meant: by what they say, their source, the reason, or the delivery."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """What `joinedup quarantine` is asked for: all that is given has to hold; of `row_ids` any."""

    row_ids: tuple[str, ...] = ()
    source: str | None = None
    reason: str | None = None
    delivery_id: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.row_ids or self.source or self.reason or self.delivery_id)

    def sql(self) -> tuple[str, dict[str, object]]:
        """Return the condition on landing.quarantine, and the values that it binds."""
        parts, values = ["true"], dict[str, object]()
        if self.row_ids:
            parts.append("row_id IN (SELECT unnest($row_ids::VARCHAR[]))")
            values["row_ids"] = list(self.row_ids)
        for name in ("source", "reason"):
            if getattr(self, name) is not None:
                parts.append(f"{name} = ${name}")
                values[name] = getattr(self, name)
        if self.delivery_id is not None:
            parts.append("$delivery_id IN (delivery_id, delivered_in)")
            values["delivery_id"] = self.delivery_id
        return " AND ".join(parts), values
