"""The registry of layouts of data terminals."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.bloomberg import BLOOMBERG_BDH
from eventstudy.intake.layouts.capital_iq import CAPITAL_IQ_PRICES
from eventstudy.intake.layouts.datastream import DATASTREAM
from eventstudy.intake.layouts.factset import FACTSET_PRICES
from eventstudy.intake.layouts.lseg import LSEG
from eventstudy.intake.series import PriceReading

#: in the order in which they are tried
TERMINAL_LAYOUTS: tuple[Layout[PriceReading], ...] = (
    DATASTREAM,
    LSEG,
    BLOOMBERG_BDH,
    FACTSET_PRICES,
    CAPITAL_IQ_PRICES,
)
