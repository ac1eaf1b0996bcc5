"""Price series from Yahoo, through yfinance."""
