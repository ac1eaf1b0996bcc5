"""`PlaceboPanel`: the returns that replications are drawn on."""

from __future__ import annotations

from typing import Protocol

from eventstudy.models.estimation import Specification


class PlaceboPanel(Protocol):
    """The user's own returns, or those of synthetic markets."""

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on their returns, replication by replication."""
        ...
