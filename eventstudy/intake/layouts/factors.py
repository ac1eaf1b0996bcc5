"""The registry of layouts of factor files."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.series import FactorReading

#: in the order in which they are tried
FACTOR_LAYOUTS: tuple[Layout[FactorReading], ...] = ()
