"""The registry of layouts of factor files."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.aqr import AQR
from eventstudy.intake.layouts.french import FRENCH_FACTORS
from eventstudy.intake.layouts.own_factors import OWN_FACTORS
from eventstudy.intake.layouts.wrds_factors import WRDS_FACTORS
from eventstudy.intake.series import FactorReading

#: in the order in which they are tried
FACTOR_LAYOUTS: tuple[Layout[FactorReading], ...] = (
    WRDS_FACTORS,
    AQR,
    FRENCH_FACTORS,
    OWN_FACTORS,
)
