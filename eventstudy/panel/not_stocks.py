"""Names of indices, funds and factors, which are no single stocks."""

from __future__ import annotations

from collections.abc import Iterable

#: as their vendors write them; other indices begin with ^ or are benchmarks of the study
INDICES = """
    SPX GSPC NDX IXIC COMP DJI DJIA DJA DJT DJU RUT RUI RUA VIX OEX SP500 SP400 SP600 FTSE UKX DAX CAC
    CAC40 SX5E STOXX50E N225 NKY TOPIX HSI KOSPI KOSPI200 KOSDAQ SENSEX NIFTY MXWO MXEF MKT MARKET VWRETD
    EWRETD SPRTRN
"""
#: exchange-traded funds that prices of stocks often come with
FUNDS = """
    SPY IVV VOO VTI ITOT SCHB SCHX SPLG RSP QQQ QQQM ONEQ DIA IWM IWB IWV IWD IWF IWN IWO IJH IJR IJS IJT
    MDY VB VO VV VUG VTV VIG VYM VXF SPYG SPYV SCHD SCHG SCHV DVY SDY NOBL MTUM QUAL USMV VLUE SPLV XLK
    XLF XLV XLE XLI XLY XLP XLU XLB XLRE XLC VGT VFH VHT VDE VIS VCR VDC VPU VAW VNQ VOX SMH SOXX SOXQ
    XSD PSI FTXL IGV IYW FDN SKYY CLOU HACK CIBR BUG IGM IXN KRE KBE KBWB IAI IYF IBB XBI IHI ITB XHB XRT
    XOP OIH XME GDX GDXJ JETS IYT IYR SCHH ICLN TAN URA URNM LIT BOTZ ROBO AIQ ARKK ARKG ARKW ARKQ ARKF
    EFA IEFA VEA VXUS IXUS EEM IEMG VWO ACWI VT URTH EWJ EWZ EWT EWY EWG EWU EWC EWA EWH FXI KWEB MCHI
    INDA EZU VGK AGG BND BNDX TLT IEF SHY SHV BIL SGOV LQD HYG JNK TIP MUB EMB VCIT VCSH GLD IAU SLV USO
    UNG DBC PDBC UUP FXE IBIT FBTC GBTC BITO TQQQ SQQQ UPRO SPXU SPXL SPXS SSO SDS QLD QID SOXL SOXS TNA
    TZA VXX UVXY SVXY NVDL TSLL
"""
NOT_STOCKS = frozenset((INDICES + FUNDS).split())
FACTORS = frozenset(  #: columns of tables of factors
    ("RF", "Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom", "MOM", "WML", "UMD")
)


def is_stock(name: str, benchmarks: Iterable[str]) -> bool:
    """Tell whether a name is that of a single stock, as far as names and benchmarks of the study tell."""
    return not (name.startswith("^") or name.upper() in NOT_STOCKS or name in benchmarks)
