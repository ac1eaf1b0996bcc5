"""The registry of layouts of academic data bases."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import PriceReading

#: in the order in which they are tried
ACADEMIC_LAYOUTS: tuple[Layout[PriceReading], ...] = ()
