"""Layouts of academic databases: the registry."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import PriceReading

ACADEMIC_LAYOUTS: tuple[Layout[PriceReading], ...] = ()
