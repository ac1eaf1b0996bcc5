"""Layouts of vendors of prices: the registry."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import PriceReading

VENDOR_LAYOUTS: tuple[Layout[PriceReading], ...] = ()
