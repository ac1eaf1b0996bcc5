"""Event lists of every source: which security, which day 0, what is asked and what is left out."""

from __future__ import annotations

import unicodedata
from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import eventstudy as es
from eventstudy.errors import EventsFileError, EventStudyError, UnknownNameError, UsageError
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.intake.layouts.event_times import WORDS
from eventstudy.intake.options import ReadingOptions

#: a Tuesday, a Wednesday, a Friday and a Monday of New York, all sessions
TUESDAY, WEDNESDAY, FRIDAY, MONDAY = "2025-02-25", "2025-02-26", "2025-02-28", "2025-03-03"


IDS = [
    "ticker", "SYMBOL", "tic", "security_ticker", "Ticker_Symbol", "permno", "LPERMNO", "gvkey",
    "cusip", "ncusip", "isin", "sedol", "RIC", "Instrument", "bbg", "figi", "code", "id",
]  # fmt: skip
NUMBERS = ("permno", "lpermno", "gvkey", "cusip", "ncusip")  #: whose digits are no code of another market
DAYS = [
    "when", "date", "event_date", "eventdate", "edate", "evtdate", "Announcement_Date", "announce_date",
    "anndats", "rdq", "Report_Date", "reportDate", "Date_Announced", "filingDate", "asof_date",
    "Earnings_Date", "Datum", "Ereignisdatum", "Ankündigungsdatum", "Date_de_l'annonce", "fecha",
    "공시일", "발표일자", "日付", "発表日", "公告日期",
]  # fmt: skip
#: header, first and second row of earnings calendars; {0} is a Tuesday and {1} a Friday
CALENDARS = {
    "nasdaq": (
        "symbol,name,reportDate,time,eps\nA,x,{0},time-after-hours,$1.42\nB,x,{1},time-pre-market,\n",
        [WEDNESDAY, FRIDAY],
    ),
    "zacks": ("Symbol,Company,Report Date,Time\nA,x,{0},amc\nB,x,{1},--\n", [WEDNESDAY, FRIDAY]),
    "fmp": (
        "date,symbol,eps,time,fiscalDateEnding\n{0},A,1,amc,2024-12-31\n{1},B,2,bmo,2024-12-31\n",
        [WEDNESDAY, FRIDAY],
    ),
    "finnhub": (
        "date,epsActual,hour,quarter,symbol,year\n{0},1,amc,4,A,2024\n{1},,dmh,4,B,2024\n",
        [WEDNESDAY, FRIDAY],
    ),
    "yfinance": (
        "Symbol,Earnings Date,EPS\nA,{0} 16:20:00-05:00,1\nB,{1} 08:00:00-05:00,1\n",
        [WEDNESDAY, FRIDAY],
    ),
    "yfinance-utc": (
        "Symbol,Earnings Date\nA,{0} 00:00:00+00:00\nB,{1} 21:30:00+00:00\n",
        [TUESDAY, MONDAY],
    ),
    "bloomberg": (
        "ticker,announcement_date,announcement_time\nA,{0},Aft-mkt\nB,{1},Bef-mkt\n",
        [WEDNESDAY, FRIDAY],
    ),
}


def read(folder: Path, text: str | bytes, name: str = "list.csv", **options: Any) -> StudyInputs:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_inputs(path, reading=ReadingOptions(**options))


def day0(inputs: StudyInputs) -> list[tuple[str, str]]:
    """Return ticker and day 0 of each firm-event."""
    found = inputs.firm_events()
    return list(zip(found.ticker.tolist(), found.session.astype(str).tolist(), strict=True))


def refused(folder: Path, text: str, **options: Any) -> str:
    with pytest.raises(EventStudyError) as caught:
        read(folder, text, **options)
    return str(caught.value)


def remarks(inputs: StudyInputs) -> str:
    (understood,) = inputs.understood
    return understood.sentence()


class TestRoles:
    @pytest.mark.parametrize(
        "title",
        IDS,
    )
    def test_names_of_the_security(self, tmp_path: Path, title: str) -> None:
        names = ("14593", "10107") if title.lower() in NUMBERS else ("NVDA", "AMD")
        found = read(tmp_path, f"{title},event_date\n{names[0]},{TUESDAY}\n{names[1]},{FRIDAY}\n")
        ids = [name.zfill(6) if title == "gvkey" else name for name in names]
        assert day0(found) == [(ids[0], TUESDAY), (ids[1], FRIDAY)]

    @pytest.mark.parametrize(
        "title",
        DAYS,
    )
    def test_names_of_the_day(self, tmp_path: Path, title: str) -> None:
        found = read(tmp_path, f"symbol,{title.replace('_', ' ')}\nNVDA,{TUESDAY}\n")
        assert day0(found) == [("NVDA", TUESDAY)]

    @pytest.mark.parametrize("title", ["session", "market_reaction_date", "trading_date"])
    def test_day_0_itself_alone_or_as_date_and_time_give_it(self, tmp_path: Path, title: str) -> None:
        alone = read(tmp_path, f"symbol,{title}\nNVDA,{WEDNESDAY}\n")
        assert day0(alone) == [("NVDA", WEDNESDAY)]
        assert not alone.calendars
        with_time = f"symbol,date,time,{title}\nNVDA,{TUESDAY},amc,{{}}\n"
        assert day0(read(tmp_path, with_time.format(WEDNESDAY))) == [("NVDA", WEDNESDAY)]
        text = refused(tmp_path, with_time.format(TUESDAY))
        assert f"session {TUESDAY} is stated, and {TUESDAY} gives {WEDNESDAY}" in text
        stated = read(tmp_path, with_time.format(TUESDAY), event_columns={"session": title})
        assert day0(stated) == [("NVDA", TUESDAY)]
        by_time = read(tmp_path, with_time.format(TUESDAY), event_columns={"when": "date"})
        assert day0(by_time) == [("NVDA", WEDNESDAY)]

    def test_two_columns_of_one_role_are_asked_about(self, tmp_path: Path) -> None:
        text = f"ticker,isin,date\nNVDA,US67066G1040,{TUESDAY}\n"
        asked = refused(tmp_path, text)
        for part in ("list.csv:1:", "'ticker' (NVDA)", "'isin' (US67066G1040)", "--event-column ticker=isin"):
            assert part.replace("ticker=isin", "ticker=ticker or ticker=isin") in asked
        assert "(events_file: {columns: {ticker: ticker}})" in asked
        stated = read(tmp_path, text, event_columns={"ticker": "isin"})
        assert day0(stated) == [("US67066G1040", TUESDAY)]
        days = f"ticker,date,report date\nNVDA,{TUESDAY},{FRIDAY}\n"
        assert "when is 'date'" in refused(tmp_path, days)
        assert day0(read(tmp_path, days, event_columns={"when": "Report Date"})) == [("NVDA", FRIDAY)]

    def test_two_columns_with_the_same_cells_need_no_question(self, tmp_path: Path) -> None:
        assert day0(read(tmp_path, f"ticker,symbol,date\nNVDA,NVDA,{TUESDAY}\n")) == [("NVDA", TUESDAY)]

    def test_a_role_or_a_header_that_does_not_exist(self, tmp_path: Path) -> None:
        text = f"ticker,date\nNVDA,{TUESDAY}\n"
        with pytest.raises(UsageError, match=r"no role of that name.*ticker"):
            read(tmp_path, text, event_columns={"tickers": "ticker"})
        assert "column 'CUSIP': there is no such column" in refused(
            tmp_path, text, event_columns={"ticker": "CUSIP"}
        )

    @pytest.mark.parametrize("title", ["datadate", "pends", "actdats", "Date Effective"])
    def test_other_days_are_never_the_event(self, tmp_path: Path, title: str) -> None:
        asked = refused(tmp_path, f"ticker,{title}\nNVDA,{TUESDAY}\n")
        assert f"{title} is the " in asked
        assert "--event-column when=HEADER" in asked

    def test_long_headers_are_listed_short(self, tmp_path: Path) -> None:
        asked = refused(tmp_path, f"ticker,{'d' * 100_000}\nNVDA,{TUESDAY}\n")
        assert "no column has the day of the event; the columns are ticker, dddd" in asked
        assert len(asked) < 300

    def test_ids_are_made_where_there_are_none(self, tmp_path: Path) -> None:
        found = read(
            tmp_path, f"ticker,date,size\nBRK.B,{TUESDAY},1\nBRK.B,{TUESDAY},2\nNYSE:IBM,{FRIDAY},3\n"
        )
        ids = [f"BRK.B_{TUESDAY}", f"BRK.B_{TUESDAY}_2", f"NYSE-IBM_{FRIDAY}"]
        assert found.firm_events().event_id.tolist() == ids
        assert "ids made: BRK.B_2025-02-25, BRK.B_2025-02-25_2, ..." in remarks(found)
        assert "1 repeat the security and day of an earlier row" in remarks(found)

    def test_an_id_is_the_firm_s_where_nothing_else_names_it(self, tmp_path: Path) -> None:
        found = read(tmp_path, f"id,ticker,date\ne7,NVDA,{TUESDAY}\n")
        assert found.firm_events().event_id.tolist() == ["e7"]
        assert day0(read(tmp_path, f"id,event_date\nNVDA,{TUESDAY}\n")) == [("NVDA", TUESDAY)]

    def test_rows_without_a_security_or_a_day_are_counted(self) -> None:
        frame = pd.DataFrame({"gvkey": ["001690", None, "012141"], "rdq": [TUESDAY, FRIDAY, None]})
        found = read_inputs(frame)
        assert day0(found) == [("001690", TUESDAY)]
        assert [(each.reason, each.rows) for each in found.left_out] == [
            ("no security is named", 1),
            ("no day is given", 1),
        ]

    def test_kinds_benchmarks_and_weights(self, tmp_path: Path) -> None:
        text = f"security_ticker,market_ticker,group,weight,event_date\nNVDA,^GSPC,big,0.5,{TUESDAY}\n"
        found = read(tmp_path, text)
        assert found.frame is not None
        assert found.frame.loc[0, ["benchmark", "kind", "weight", "group"]].tolist() == [
            "^GSPC",
            "big",
            0.5,
            "big",
        ]
        assert "a weight of -1 is below 0" in refused(tmp_path, text.replace("0.5", "-1"))

    def test_one_kind_is_read_and_of_several_it_is_said(self, tmp_path: Path) -> None:
        text = f"ticker,date,type,group\nNVDA,{TUESDAY},a,x\n"
        found = read(tmp_path, text)
        assert found.firm_events().kind.tolist() == [""]
        assert "no kind is read: it may be type or group (--event-column group=type)" in remarks(found)
        assert read(tmp_path, text, event_columns={"group": "group"}).firm_events().kind.tolist() == ["x"]
        assert read(tmp_path, text.replace(",x", ",a")).firm_events().kind.tolist() == ["a"]
        assert "column 'kind' is there twice; keep one" in refused(
            tmp_path, text.replace("type,group", "kind,kind")
        )

    def test_an_event_with_several_days_is_a_kind(self, tmp_path: Path) -> None:
        text = f"event,ticker,date\nresults,NVDA,{TUESDAY}\nresults,NVDA,{FRIDAY}\ndeal,AMD,{FRIDAY}\n"
        found = read(tmp_path, text)
        assert found.firm_events().kind.tolist() == ["results", "results", "deal"]
        assert found.firm_events().event_id[0] == f"NVDA_{TUESDAY}"
        assert "event holds kinds of events: some have several days" in remarks(found)
        one = read(tmp_path, f"event,ticker,date\ndeal,NVDA,{TUESDAY}\ndeal,AMD,{TUESDAY}\n").firm_events()
        assert one.event_id.tolist() == ["deal", "deal"]

    @pytest.mark.parametrize(
        ("title", "name", "exchange"),
        [
            ("ticker", "005930 KS Equity", "XKRX"),
            ("ticker", "VOD LN Equity", "XLON"),
            ("bbg", "7203 JT", "XTKS"),
            ("isin", "KR7005930003", "XKRX"),
            ("isin", "US67066G1040", "XNYS"),
            ("ticker", "KOSE:A005930", "XKRX"),
            ("ticker", "NYSE:IBM", "XNYS"),
            ("firm", "SAP SE", "XNYS"),
            ("銘柄コード", "7203", "XTKS"),
            ("WKN", "716460", "XETR"),
        ],
    )
    def test_ids_that_tell_their_exchange(self, title: str, name: str, exchange: str) -> None:
        frame = pd.DataFrame({title: [name], "date": [TUESDAY]})
        assert read_inputs(frame).firm_events().exchange.tolist() == [exchange]
        stated = read_inputs(frame, exchange="XNYS").firm_events().exchange.tolist()
        assert stated == ["XNYS"]

    def test_a_saved_index_is_no_benchmark(self, tmp_path: Path) -> None:
        found = read(tmp_path, f"index,ticker,date\n0,NVDA,{TUESDAY}\n1,AMD,{FRIDAY}\n")
        assert found.firm_events().benchmarks[0].tickers == ("SPY",)


class TestDays:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (TUESDAY, FRIDAY),
            ("20250225", "20250228"),
            ("2025-02-25 00:00:00", "2025-02-28 00:00:00"),
            ("25.02.2025", "28.02.2025"),
            ("25/02/2025", "28/02/2025"),
            ("02/25/2025", "02/28/2025"),
            ("25-Feb-2025", "28-Feb-2025"),
            ("25FEB2025", "28FEB2025"),
        ],
    )
    def test_every_written_form(self, tmp_path: Path, first: str, second: str) -> None:
        found = read(tmp_path, f"ticker,date\nNVDA,{first}\nAMD,{second}\n")
        assert day0(found) == [("NVDA", TUESDAY), ("AMD", FRIDAY)]

    def test_a_day_or_a_month_is_asked_about(self, tmp_path: Path) -> None:
        text = "event_id,ticker,when\na,NVDA,04/03/2025\nb,AMD,06/03/2025\n"
        asked = refused(tmp_path, text)
        assert "4 March" in asked
        assert "3 April" in asked
        assert "--event-date-order dmy or mdy (events_file: {date_order: dmy})" in asked
        assert day0(read(tmp_path, text, date_order="dmy")) == [("NVDA", "2025-03-04"), ("AMD", "2025-03-06")]
        assert day0(read(tmp_path, text, date_order="mdy")) == [("NVDA", "2025-04-03"), ("AMD", "2025-06-03")]

    def test_days_of_typed_containers(self) -> None:
        days = pd.to_datetime([TUESDAY, FRIDAY])
        expected = [("NVDA", TUESDAY), ("AMD", FRIDAY)]
        table = pa.table({"ticker": ["NVDA", "AMD"], "date": pa.array(days.date)})
        for frame in (pd.DataFrame({"ticker": ["NVDA", "AMD"], "date": days}), table):
            assert day0(read_inputs(frame)) == expected
        polars = pytest.importorskip("polars")
        assert day0(read_inputs(polars.from_arrow(table))) == expected

    def test_workbooks_and_stata(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"permno": [14593, 10107], "event_date": pd.to_datetime([TUESDAY, FRIDAY])})
        frame.to_stata(tmp_path / "e.dta", write_index=False, convert_dates={"event_date": "td"})
        expected = [("14593", TUESDAY), ("10107", FRIDAY)]
        assert day0(read_inputs(tmp_path / "e.dta")) == expected
        frame.to_excel(tmp_path / "e.xlsx", index=False)
        assert day0(read_inputs(tmp_path / "e.xlsx")) == expected
        with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
            frame.to_excel(book, sheet_name="Draft", index=False)
            frame[:1].to_excel(book, sheet_name="Final", index=False)
        with pytest.raises(EventsFileError, match=r"Draft.*Final.*events_file: \{path: two.xlsx, sheet: "):
            read_inputs(tmp_path / "two.xlsx")
        chosen = read_inputs(tmp_path / "two.xlsx", reading=ReadingOptions(sheet="Final"))
        assert day0(chosen) == expected[:1]

    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_dialects_of_text(self, tmp_path: Path, separator: str, encoding: str) -> None:
        text = f"ticker,date\nNVDA,{TUESDAY}\nAMD,{FRIDAY}\n".replace(",", separator)
        assert day0(read(tmp_path, text.encode(encoding))) == [("NVDA", TUESDAY), ("AMD", FRIDAY)]


#: title rows, header, rows and a source line in several languages; {0} is a Tuesday and {1} a Friday
LANGUAGES = {
    "german": (
        "Ereignisliste;;\nStand;31.03.2025;\n\nKürzel;Ereignistag;Uhrzeit\nSAP.DE;25.02.2025;nachbörslich\n"
        "BMW.DE;28.02.2025;vorbörslich\n\nQuelle: DGAP;;\n",
        "cp1252",
        [("SAP.DE", WEDNESDAY), ("BMW.DE", FRIDAY)],
    ),
    "french": (
        "Annonces\n\nMnémonique;Date d'annonce;Heure\nMC.PA;25/02/2025;17:45 CET\n"
        "AIR.PA;28/02/2025;08:00 CET\nSource : AMF\n",
        "utf-8",
        [("MC.PA", WEDNESDAY), ("AIR.PA", FRIDAY)],
    ),
    "spanish": (
        "Símbolo;Fecha de anuncio;Hora\nSAN.MC;25 feb 2025;después del cierre\n"
        "BBVA.MC;28 feb 2025;antes de la apertura\nFuente: CNMV\n",
        "utf-8",
        [("SAN.MC", WEDNESDAY), ("BBVA.MC", FRIDAY)],
    ),
    "korean": (
        "공시 목록\n\n종목코드,날짜,시간\n005930,2025년 2월 25일,장마감 후\n660,2025년 2월 28일,장전\n"
        "자료: KRX\n",
        "cp949",
        [("005930", WEDNESDAY), ("000660", FRIDAY)],
    ),
    "japanese": (
        "銘柄コード,発表日,時刻\n7203,2025/02/25,引け後\n6758,2025/02/28,寄り前\n出所: JPX\n",
        "cp932",
        [("7203", WEDNESDAY), ("6758", FRIDAY)],
    ),
}


class TestFiles:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_headers_and_words_of_every_language(self, tmp_path: Path, language: str) -> None:
        text, encoding, expected = LANGUAGES[language]
        assert day0(read(tmp_path, text.encode(encoding))) == expected

    def test_composed_and_decomposed_accents_are_the_same(self, tmp_path: Path) -> None:
        text = unicodedata.normalize("NFD", f"Kürzel,Datum\nSAP.DE,{TUESDAY}\n")
        assert day0(read(tmp_path, text)) == [("SAP.DE", TUESDAY)]

    @pytest.mark.parametrize("place", [0, 1, 2, 8])
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_a_row_without_a_day_is_left_out_wherever_it_stands(
        self, tmp_path: Path, place: int, kind: str
    ) -> None:
        rows = [(f"S{row}Q", TUESDAY, "amc") for row in range(8)]
        rows.insert(place, ("XYZ", "", "bmo"))
        if kind == "csv":
            lines = ["Events,,", "", "ticker,date,time", *map(",".join, rows), "Source: x,,"]
            found = read(tmp_path, "\n".join(lines) + "\n")
        else:
            cells = [("Events", "", ""), ("ticker", "date", "time"), *rows, ("Source: x", "", "")]
            frame = pd.DataFrame(cells).replace("", None)
            frame.to_excel(tmp_path / "e.xlsx", index=False, header=False)
            found = read_inputs(tmp_path / "e.xlsx")
        assert day0(found) == [(f"S{row}Q", WEDNESDAY) for row in range(8)]
        assert [(each.reason, each.rows) for each in found.left_out] == [("no day is given", 1)]
        assert "8 after the close: next session" in remarks(found)
        assert "before the open" not in remarks(found)

    def test_a_section_between_rows_is_left_out(self, tmp_path: Path) -> None:
        text = f"ticker;date;time\nQ1;;\nNVDA;{TUESDAY};amc\nQ2;;\nT;{FRIDAY};bmo\n"
        found = read(tmp_path, text)
        assert day0(found) == [("NVDA", WEDNESDAY), ("T", FRIDAY)]
        assert found.left_out[0].rows == 2

    def test_a_missing_day_hides_no_other_mistake(self, tmp_path: Path) -> None:
        text = f"event_id,ticker,when,timing\na,NVDA,{TUESDAY},lunch\nb,AMD,,post\nc,T,soon,pre\nd,X,,\n"
        (tmp_path / "e.csv").write_text(text, "utf-8")
        with pytest.raises(EventsFileError) as raised:
            read_inputs(tmp_path / "e.csv")
        found = [problem.removeprefix(f"{tmp_path}/") for problem in raised.value.problems]
        assert [each.partition(";")[0][:28] for each in found] == [
            "e.csv:2: unknown timing 'lun", "e.csv:3: when is empty", "e.csv:4: when: 'soon' is not",
            "e.csv:5: when is empty",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "text",
        [
            "ticker,date,\nA,{0},\nT,{1},\nF,{1},\n",
            "ticker,date\nA,{0},\nT,{1},\nF,{1},\n",
            "ticker,date\nA,{0}\nT,{1}\nF,{1},,\n",
            "ticker,date\nA,{0},\nT,{1},\nF,{1}\n",
            "ticker,date,,,\nA,{0}\nT,{1},,,\nF,{1},,,\n",
        ],
    )
    def test_separators_at_the_end_of_lines(self, tmp_path: Path, text: str) -> None:
        expected = [("A", TUESDAY), ("T", FRIDAY), ("F", FRIDAY)]
        assert day0(read(tmp_path, text.format(TUESDAY, FRIDAY))) == expected

    def test_a_short_row_is_no_row_with_empty_cells(self, tmp_path: Path) -> None:
        text = f"ticker,date,time\nA,{TUESDAY},amc\nT,{FRIDAY},bmo\nF,{FRIDAY}\nX,{FRIDAY},bmo\n"
        assert "list.csv:4: has 2 cells, and the other rows have 3; write a separator for" in refused(
            tmp_path, text
        )

    @pytest.mark.parametrize("option", [{"sheet": "Final"}, {"sheet": 2}])
    def test_a_sheet_is_named_in_a_study_file_or_in_python(
        self, tmp_path: Path, option: dict[str, Any]
    ) -> None:
        frame = pd.DataFrame({"ticker": ["NVDA"], "date": pd.to_datetime([TUESDAY])})
        with pd.ExcelWriter(tmp_path / "two.xlsx") as book:
            frame.assign(ticker="AMD").to_excel(book, sheet_name="Draft", index=False)
            frame.to_excel(book, sheet_name="Final", index=False)
        assert es.read_events(tmp_path / "two.xlsx", **option)["ticker"].tolist() == ["NVDA"]
        study = tmp_path / "study.yaml"
        study.write_text(f"events_file: {{path: two.xlsx, sheet: {option['sheet']!r}}}\n", "utf-8")
        assert day0(read_inputs(study)) == [("NVDA", TUESDAY)]


class TestTimes:
    @pytest.mark.parametrize(("word", "timing"), sorted(WORDS.items()))
    def test_every_word(self, tmp_path: Path, word: str, timing: str) -> None:
        found = read(
            tmp_path, f"ticker,date,time\nNVDA,{TUESDAY},{word.upper()}\nAMD,{FRIDAY},bmo\n"
        ).firm_events()
        assert found.timing[0] == timing
        assert str(found.session[0]) == (WEDNESDAY if timing == "post" else TUESDAY)

    @pytest.mark.parametrize(
        ("clock", "expected"),
        [
            ("16:20 ET", WEDNESDAY),
            ("4:20 PM EST", WEDNESDAY),
            ("15:59:59 ET", TUESDAY),
            ("21:20Z", WEDNESDAY),
            ("06:20 KST", TUESDAY),
            ("16:20-05:00", WEDNESDAY),
            ("22:20+01:00", WEDNESDAY),
        ],
    )
    def test_a_clock_with_a_zone_is_certain(self, tmp_path: Path, clock: str, expected: str) -> None:
        for text in (f"ticker,date,time\nNVDA,{TUESDAY},{clock}\n", f"ticker,date\nNVDA,{TUESDAY} {clock}\n"):
            assert day0(read(tmp_path, text)) == [("NVDA", expected)]

    @pytest.mark.parametrize("form", ["ticker,date,time\nNVDA,{},16:20\n", "ticker,date\nNVDA,{} 16:20\n"])
    def test_a_clock_without_one_is_asked_about(self, tmp_path: Path, form: str) -> None:
        text = form.format(TUESDAY)
        asked = refused(tmp_path, text)
        for part in (
            "list.csv:2:",
            "11:20:00 in New York",
            "--event-timezone UTC",
            "{timezone: America/New_York}",
        ):
            assert part in asked
        assert day0(read(tmp_path, text, timezone="America/New_York")) == [("NVDA", WEDNESDAY)]
        assert day0(read(tmp_path, text, timezone="UTC")) == [("NVDA", TUESDAY)]

    def test_the_clock_of_each_exchange(self, tmp_path: Path) -> None:
        text = f"ticker,date,time\nNVDA,{TUESDAY},15:45\n005930.KS,{TUESDAY},15:45\n"
        found = read(tmp_path, text, timezone="exchange")
        assert day0(found) == [("NVDA", TUESDAY), ("005930.KS", WEDNESDAY)]

    def test_the_zone_of_a_title(self, tmp_path: Path) -> None:
        text = f"ticker,date,Time (ET)\nNVDA,{TUESDAY},16:20\n"
        assert day0(read(tmp_path, text)) == [("NVDA", WEDNESDAY)]
        assert "clocks are of America/New_York" in refused(tmp_path, text, timezone="UTC")

    def test_midnight_everywhere_is_a_date_and_somewhere_is_no_time(self, tmp_path: Path) -> None:
        dates = f"ticker,date\nNVDA,{TUESDAY} 00:00:00\nAMD,{FRIDAY} 00:00:00\n"
        assert day0(read(tmp_path, dates)) == [("NVDA", TUESDAY), ("AMD", FRIDAY)]
        mixed = f"ticker,date,time\nNVDA,{TUESDAY},00:00:00\nAMD,{FRIDAY},17:00:00\n"
        found = read(tmp_path, mixed, timezone="America/New_York")
        assert day0(found) == [("NVDA", TUESDAY), ("AMD", MONDAY)]
        assert "1 at 00:00:00 have no time" in remarks(found)

    def test_a_word_that_is_none_is_named_with_its_line(self, tmp_path: Path) -> None:
        asked = refused(tmp_path, f"ticker,date,time\nNVDA,{TUESDAY},amc\nAMD,{FRIDAY},teatime\n")
        assert "list.csv:3: time 'teatime' is no time of day" in asked

    def test_times_of_workbooks_and_frames(self) -> None:
        frame = pd.DataFrame({"ticker": ["NVDA"], "date": [TUESDAY], "time": [time(16, 20)]})
        stated = read_inputs(frame, reading=ReadingOptions(timezone="America/New_York"))
        assert day0(stated) == [("NVDA", WEDNESDAY)]

    def test_random_lists_against_a_reading_row_by_row(
        self, tmp_path: Path, rng: np.random.Generator
    ) -> None:
        """Any order of words, and any separator, gives the sessions that the words say."""
        days = np.array([TUESDAY, WEDNESDAY, "2025-02-27"])
        after = {TUESDAY: WEDNESDAY, WEDNESDAY: "2025-02-27", "2025-02-27": FRIDAY}
        for separator in (",", ";", "\t"):
            words = rng.choice(sorted(WORDS), 40)
            chosen = rng.choice(days, 40)
            rows = [
                f"S{at}{separator}{day}{separator}{word}"
                for at, (day, word) in enumerate(zip(chosen, words, strict=True))
            ]
            text = "\n".join([separator.join(("symbol", "Report Date", "Time")), *rows]) + "\n"
            expected = [
                after[day] if WORDS[word] == "post" else day for day, word in zip(chosen, words, strict=True)
            ]
            assert [day for _, day in day0(read(tmp_path, text))] == expected


class TestListsByName:
    def test_ibes(self, tmp_path: Path) -> None:
        text = f"ticker,cusip,anndats,anntims,actdats\nNVD,67066G10,{TUESDAY},16:20:00,{FRIDAY}\n"
        found = read(tmp_path, text)
        assert day0(found) == [("67066G10", WEDNESDAY)]
        assert "I/B/E/S" in remarks(found)
        assert "anntims is Eastern" in remarks(found)
        seconds = pd.DataFrame(
            {"permno": [86580.0], "anndats": [TUESDAY], "anntims": [58_800.0], "actdats": [FRIDAY]}
        )
        assert day0(read_inputs(seconds)) == [("86580", WEDNESDAY)]
        own = text.replace(",cusip", "").replace(",67066G10", "")
        assert "is the ticker of I/B/E/S" in refused(tmp_path, own)
        assert day0(read(tmp_path, own, event_columns={"ticker": "ticker"})) == [("NVD", WEDNESDAY)]

    def test_compustat_quarters(self, tmp_path: Path) -> None:
        text = (
            "gvkey,datadate,fqtr,tic,conm,rdq\n"
            f"1690,2024-12-31,4,AAPL,APPLE,{TUESDAY}\n12141,2024-12-31,4,MSFT,X,{FRIDAY}\n"
        )
        found = read(tmp_path, text)
        assert day0(found) == [("001690", TUESDAY), ("012141", FRIDAY)]
        assert "rdq has no time of day" in remarks(found)

    @pytest.mark.parametrize("title", ["TIMESTAMP_UTC", "timestamp_utc"])
    def test_ravenpack(self, tmp_path: Path, title: str) -> None:
        text = (
            f"{title},ENTITY_NAME,TICKER\n{TUESDAY} 20:31:00,A,NVDA\n"
            f"{TUESDAY} 20:59:00.500,B,AMD\n{TUESDAY} 21:00:00,C,T\n"
        )
        assert day0(read(tmp_path, text)) == [("NVDA", TUESDAY), ("AMD", TUESDAY), ("T", WEDNESDAY)]

    def test_capital_iq(self, tmp_path: Path) -> None:
        text = (
            "companyName,ticker,mostImportantDateUTC\n"
            f"A,NYSE:IBM,{TUESDAY} 22:05:00\nB,NYSE:T,{TUESDAY} 00:00:00\n"
        )
        assert day0(read(tmp_path, text)) == [("NYSE:IBM", WEDNESDAY), ("NYSE:T", TUESDAY)]

    def test_edgar(self, tmp_path: Path) -> None:
        text = (
            "ticker,form,accessionNumber,filingDate,reportDate,acceptanceDateTime\n"
            f"NVDA,8-K,1-25-7,{TUESDAY},{TUESDAY},{TUESDAY}T20:30:00.000Z\n"
        )
        asked = refused(tmp_path, text)
        assert "ends in Z, yet for many filers it is New York time" in asked
        assert "--event-timezone UTC, America/New_York" in asked
        assert day0(read(tmp_path, text, timezone="UTC")) == [("NVDA", TUESDAY)]
        assert day0(read(tmp_path, text, timezone="America/New_York")) == [("NVDA", WEDNESDAY)]
        header = "ticker,ACCEPTANCE-DATETIME\nNVDA,20250225163000\nAMD,20250225153000\n"
        assert day0(read(tmp_path, header)) == [("NVDA", WEDNESDAY), ("AMD", TUESDAY)]
        filed = f"ticker,accessionNumber,filingDate,reportDate\nNVDA,1-25-7,{WEDNESDAY},{TUESDAY}\n"
        assert day0(read(tmp_path, filed)) == [("NVDA", WEDNESDAY)]
        wrds = f"ticker,fdate,secatime\nNVDA,{TUESDAY},16:30:00\n"
        assert day0(read(tmp_path, wrds)) == [("NVDA", WEDNESDAY)]

    @pytest.mark.parametrize("calendar", CALENDARS)
    def test_earnings_calendars(self, tmp_path: Path, calendar: str) -> None:
        text, expected = CALENDARS[calendar]
        assert [day for _, day in day0(read(tmp_path, text.format(TUESDAY, FRIDAY)))] == expected

    def test_deals(self, tmp_path: Path) -> None:
        text = (
            "Date Announced,Date Effective,Target Name,Target Ticker,Acquiror Ticker\n"
            f"{TUESDAY},{FRIDAY},x,AAA,BBB\n"
        )
        asked = refused(tmp_path, text)
        for part in (
            "'Target Ticker' (AAA)",
            "'Acquiror Ticker' (BBB)",
            "--event-column 'ticker=Acquiror Ticker'",
        ):
            assert part in asked
        assert day0(read(tmp_path, text, event_columns={"ticker": "Acquiror Ticker"})) == [("BBB", TUESDAY)]

    @pytest.mark.parametrize("separator", [" ", "\t", ","])
    @pytest.mark.parametrize("day", ["20250225", TUESDAY])
    def test_requests_without_a_header(self, tmp_path: Path, separator: str, day: str) -> None:
        rows = [("10107", day), ("14593", "20250228" if "-" not in day else FRIDAY)] * 3
        text = "".join(f"{separator.join(row)}\n" for row in rows)
        found = read(tmp_path, text, "request.txt")
        assert day0(found)[:2] == [("10107", TUESDAY), ("14593", FRIDAY)]
        assert len(found.firm_events()) == 6

    def test_event_study_tools(self, tmp_path: Path) -> None:
        rows = [("75000", "Amazon.com Inc", TUESDAY), ("75001", "Moody's Corp", FRIDAY)]
        text = "".join(
            f"{event};{firm};SP500;{day[8:]}.{day[5:7]}.{day[:4]};Addition;-2;2;-11;120\n"
            for event, firm, day in rows
        )
        found = read(tmp_path, text)
        assert day0(found) == [("Amazon.com Inc", TUESDAY), ("Moody's Corp", FRIDAY)]
        firm_events = found.firm_events()
        assert firm_events.event_id.tolist() == ["75000", "75001"]
        assert firm_events.kind.tolist() == ["Addition", "Addition"]
        assert firm_events.benchmarks[0].tickers == ("SP500",)
        design = found.on_own_windows().design
        assert (tuple(design.window), tuple(design.estimation or ())) == ((-2, 2), (-130, -11))

    def test_lemaire(self, tmp_path: Path) -> None:
        text = "\ufeffsecurity_ticker,market_ticker,event_date\nNVDA,SPY,25/02/2025\nAMD,SPY,28/02/2025\n"
        assert day0(read(tmp_path, text)) == [("NVDA", TUESDAY), ("AMD", FRIDAY)]

    @pytest.mark.parametrize("gvkey", ["004029", "4029"])
    def test_a_gvkey_is_no_korean_code(self, tmp_path: Path, gvkey: str) -> None:
        found = read(tmp_path, f"event_id,gvkey,rdq\ne1,{gvkey},{TUESDAY}\n")
        assert day0(found) == [("004029", TUESDAY)]
        assert found.firm_events().exchange[0] == "XNYS"

    def test_a_layout_that_is_pinned_refuses_another(self, tmp_path: Path) -> None:
        text = f"gvkey,rdq\n1690,{TUESDAY}\n"
        assert len(read(tmp_path, text, layout="compustat-fundq").firm_events()) == 1
        assert "is of the layout compustat-fundq" in refused(tmp_path, text, layout="ibes")


class TestPublic:
    def test_read_events_takes_files_and_frames(self, tmp_path: Path) -> None:
        (tmp_path / "e.csv").write_text("symbol;Report Date;Time\nNVDA;25/02/2025;amc\n", "utf-8")
        frame = es.read_events(tmp_path / "e.csv")
        assert frame.loc[0, ["event_id", "ticker", "timing"]].tolist() == [f"NVDA_{TUESDAY}", "NVDA", "post"]
        assert "(symbol, Report Date, Time)" in frame.attrs["understood"]
        again = es.read_events(frame)
        pd.testing.assert_frame_equal(again, frame, check_flags=False)
        with pytest.raises(UnknownNameError, match="dateorder"):
            es.read_events(tmp_path / "e.csv", dateorder="dmy")
        with pytest.raises(UnknownNameError, match="dym"):
            es.read_events(tmp_path / "e.csv", date_order="dym")

    def test_a_study_file_names_a_list(self, tmp_path: Path) -> None:
        (tmp_path / "list.csv").write_text("symbol,date\nNVDA,04/03/2025\n", "utf-8")
        study = tmp_path / "study.yaml"
        study.write_text("benchmark: QQQ\nevents_file: {path: list.csv, date_order: dmy}\n", "utf-8")
        assert day0(read_inputs(study)) == [("NVDA", "2025-03-04")]
        assert read_inputs(study).firm_events().benchmarks[0].tickers == ("QQQ",)
        stated = read_inputs(study, reading=ReadingOptions(date_order="mdy"))
        assert day0(stated) == [("NVDA", "2025-04-03")]
        study.write_text("events_file: {path: list.csv}\nevents: [{id: a, when: 2025-01-02}]\n", "utf-8")
        with pytest.raises(EventsFileError, match="are given here and in events_file; keep one"):
            read_inputs(study)
