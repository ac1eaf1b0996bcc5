"""The effect on a group beside portfolios of donors, ranked among the same effect on every donor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.significance.result import SignificanceResult, SignificanceTest, too_few
from eventstudy.significance.romano_wolf import towards

WORST_FIT = np.sqrt(3.0)  #: deviation of a donor over that of the treated from which it is no comparison
LEAST_SHARE = 0.5  #: of a group's firm-events at which a donor stands in, to be compared with the group
TOO_MANY = "too many firm-events and donors to treat each donor in turn: no p-value"


@dataclass(frozen=True)
class InSpace:
    """CARs of N firm-events over W windows, and of each of D donors in their place.

    Attributes
    ----------
    car, sigma
        Shape (N, W), decimal, NaN where there is none, and root of the mean squared estimation gap, (N,).
    placebo, placebo_sigma
        The same of the donors, beside portfolios of the other donors, shapes (N, D, W) and (N, D); NaN where
        one is no donor.
    own
        Which of the D is the firm-event's own security, shape (N,); -1 where none is.
    alternative
        Of the p-values.
    note
        Why no donor was treated; ``""`` where they were.
    """

    car: FloatArray
    sigma: FloatArray
    placebo: FloatArray
    placebo_sigma: FloatArray
    own: IntArray
    alternative: Alternative = "two-sided"
    note: str = ""

    def of(self, events: IntArray) -> InSpace:
        """Return some of the firm-events."""
        names = ("car", "sigma", "placebo", "placebo_sigma", "own")
        parts = {name: getattr(self, name)[events] for name in names}
        return InSpace(**parts, alternative=self.alternative, note=self.note)


def synthetic_phi(space: InSpace) -> SignificanceResult:
    """Return phi of one group and its rank among the donors, shape (W,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        phi, n = _phi(space.car, space.sigma[:, None])
        fits = space.placebo_sigma <= WORST_FIT * space.sigma[:, None]
        fits[:, space.own[space.own >= 0]] = False
        there = fits[:, :, None] & np.isfinite(space.car)[:, None, :]
        placebo, count = _phi(np.where(there, space.placebo, np.nan), space.placebo_sigma[:, :, None])
        placebo = np.where(count >= LEAST_SHARE * n, placebo, np.nan)
        side = space.alternative
        reached = (towards(placebo, side) >= towards(phi, side)).sum(axis=0)
    donors = np.isfinite(placebo).sum(axis=0)
    pvalue = np.where(np.isfinite(phi) & (donors > 0), (1.0 + reached) / (1.0 + donors), np.nan)
    note = np.where(donors > 0, too_few(1.0 / (1.0 + donors)), space.note)
    return SignificanceResult(phi, pvalue, n, note=note)


def space_ranks(space: InSpace) -> tuple[FloatArray, IntArray]:
    """Return the p-value of every firm-event alone and the donors it is ranked among, shape (N, W)."""
    single = [synthetic_phi(space.of(np.array([event]))) for event in range(len(space.car))]
    with np.errstate(invalid="ignore"):
        fits = space.placebo_sigma <= WORST_FIT * space.sigma[:, None]
    n = (fits[:, :, None] & np.isfinite(space.placebo)).sum(axis=1)
    pvalues = np.array([each.pvalue for each in single]).reshape(space.car.shape)
    return pvalues, np.where(np.isfinite(pvalues), n, 0)


def _phi(car: FloatArray, sigma: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the mean of CARs weighted by ``1 / sigma`` along axis 0, and how many there are."""
    there = np.isfinite(car)
    weight = np.where(there, 1.0 / sigma, 0.0)
    phi = (weight * np.where(there, car, 0.0)).sum(axis=0) / weight.sum(axis=0)
    return np.asarray(phi), np.asarray(there.sum(axis=0))


SYNTHETIC_PHI = SignificanceTest(
    function=synthetic_phi,
    scope="donors",
    distribution="rank",
    parametric=False,
    robust_to=("skewness", "fat tails"),
    summary="Mean CAR beside portfolios of donors, weighted by their fit and ranked among all donors.",
    null="the firms treated are exchangeable with their donors",
    formulas=(
        r"\phi = \sum_i (CAR_i / \sigma_i) / \sum_i (1 / \sigma_i), \quad "
        r"\sigma_i^2 = \sum_t e_{it}^2 / M_i",
        r"p = (1 + \#\{j : |\phi_j| \ge |\phi|\}) / (1 + n)",
    ),
    notes="""`sigma_i` is the root of the mean squared gap between the security and its portfolio over the
    estimation window. `phi_j` is the same for donor `j`, treated at the group's firm-events in the place of
    the security, beside a portfolio of the other donors; the group's own securities are left out. A donor
    whose deviation is above `sqrt(3)` times the security's is left out at that firm-event, and one that
    stands in at fewer than half of the group's firm-events altogether. One-sided by the signed `phi`.

    Only of the model `synthetic`. The smallest p is `1 / (1 + n)`. A group of several firms of one date
    averages more than a single donor does, so that its p is too large rather than too small. Of more than
    100 donors every firm-event treats 100, evenly spaced. NaN where no firm-event is complete.""",
    references="""Abadie, Diamond & Hainmueller 2010, Journal of the American Statistical Association 105,
    493-505, doi:10.1198/jasa.2009.ap08746; Acemoglu, Johnson, Kermani, Kwak & Mitton 2016, Journal of
    Financial Economics 121, 368-391, doi:10.1016/j.jfineco.2015.10.001""",
)
