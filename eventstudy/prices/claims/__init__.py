"""The articles' claims about prices: the series they need, and the verdicts."""

from eventstudy.prices.claims.judging import ClaimVerdict, claim_columns, claimed_tickers, judge_claims
from eventstudy.prices.claims.loading import load_claimed

__all__ = ["ClaimVerdict", "claim_columns", "claimed_tickers", "judge_claims", "load_claimed"]
