"""Every layout of a file of prices or returns, the most certain first."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.academic import ACADEMIC_LAYOUTS
from eventstudy.intake.layouts.generic import DIVIDENDS, SECURITIES
from eventstudy.intake.layouts.terminals import TERMINAL_LAYOUTS
from eventstudy.intake.layouts.vendors import VENDOR_LAYOUTS
from eventstudy.intake.layouts.wide import WIDE
from eventstudy.intake.series import PriceReading

#: a table is read by the first that fits; the generic ones fit nearly everything and stand last
PRICE_LAYOUTS: tuple[Layout[PriceReading], ...] = (
    *ACADEMIC_LAYOUTS, *TERMINAL_LAYOUTS, *VENDOR_LAYOUTS, DIVIDENDS, SECURITIES, WIDE,
)  # fmt: skip
