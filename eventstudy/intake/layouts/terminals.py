"""Layouts of terminals: the registry."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import PriceReading

TERMINAL_LAYOUTS: tuple[Layout[PriceReading], ...] = ()
