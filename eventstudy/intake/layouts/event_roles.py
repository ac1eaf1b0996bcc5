"""Which column of an event list has which role, by what lists in the wild call it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventstudy.errors import FileContentError, UsageError, nearest
from eventstudy.intake.layouts.columns import titles_shown
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.plain_titles import plain
from eventstudy.intake.table import Table

#: names of each role, as `plain` writes them; the first is the product's own
ROLES: Mapping[str, tuple[str, ...]] = {
    role: tuple(names.split())
    for role, names in {
        "event_id": "eventid event id",
        "ticker": "ticker symbol tic securityticker tickersymbol companysymbol actsymbol"
        " permno lpermno gvkey"
        " cusip ncusip isin sedol ric instrument bbg bbgid figi code security securityid stock"
        " firm firmid id kürzel börsenkürzel wkn mnémonique mnemonique symbole codeisin símbolo"
        " simbolo 종목코드 단축코드 티커 銘柄コード 証券コード コード 股票代码 证券代码"
        " 代码 kuerzel wertpapierkennnummer mnémo"
        " mnemo codevaleur 종목번호 코드 ティッカー 證券代號 股票代號 代號",
        "when": "when date eventdate edate evtdate eventday announcementdate announcedate announceddate"
        " anndate anndats rdq reportdate dateannounced filingdate fdate asofdate earningsdate"
        " eventstartdate releasedate announcementdatetime datetime timestamp day datum"
        " ereignisdatum ereignistag meldedatum bekanntgabe veröffentlichungsdatum tag datedannonce"
        " datedelannonce dateévénement datedévénement datedepublication jour fecha fechadeanuncio"
        " fechadelanuncio fechadelevento fechadepublicación 공시일 공시일자 발표일 발표일자"
        " 일자 날짜 사건일 이벤트일 日付"
        " 発表日 開示日 公表日 日期 公告日期 公告日 ankündigungsdatum ankuendigungsdatum"
        " veroeffentlichungsdatum"
        " dateannonce datedevenement datedelévénement fechaanuncio data dataannuncio"
        " datadiannuncio 年月日",
        "session": "session marketreactiondate tradingdate",
        "time": "time announcementtime announcetime announcedtime anntims timeofday releasetime eventtime"
        " reporttime earningstime hour whentime actrptcode beforeaftermarket beforeafter prepost"
        " secatime uhrzeit zeit heure hora 시간 시각 공시시간 발표시간 時刻 発表時刻"
        " 開示時刻 时间 公告时间 공시시각 발표시각 時間",
        "timing": "timing",
        "benchmark": "benchmark marketticker marketid index",
        "kind": "kind type group grouping art ereignisart typ typedévénement tipo"
        " tipodeevento 구분 유형 종류"
        " 種別 種類 类型",
        "title": "title",
        "expect": "expect",
        "weight": "weight",
        "window": "window eventwindow",
        "window_start": "windowstart winstart l1",
        "window_end": "windowend winend l2",
        "estimation": "estimation estwindow estimationwindow",
        "estimation_start": "estimationstart eststart",
        "estimation_end": "estimationend estend",
        "estimation_length": "estimationlength estlength",
    }.items()
}
#: roles that ``--event-column`` and ``columns`` of a study file name
NAMED_ROLES = {"ticker", "when", "time", "session", "benchmark", "weight", "group", "window", "estimation"}
#: days that are no announcement, and what they are
OTHER_DAYS = {
    "datadate": "the end of the quarter",
    "pends": "the end of the period",
    "fpedats": "the end of the period",
    "actdats": "the day on which the figure was entered, after the announcement",
    "fiscaldateending": "the end of the quarter",
    "dateeffective": "the day on which the deal was completed, not announced",
}
ZONES = {
    **dict.fromkeys(("ET", "EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("Z", "UTC", "GMT"), "UTC"),
    **dict.fromkeys(("CET", "CEST", "MEZ"), "Europe/Berlin"),
    "BST": "Europe/London",
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "HKT": "Asia/Hong_Kong",
}
_ZONE_OF_TITLE = re.compile(rf"(?:[\s_.(\[-]+({'|'.join(ZONES)})[)\]]?|(?<=[a-z])(UTC|GMT))$", re.IGNORECASE)


def zone_of(title: str) -> str:
    """Return the zone that a title states: ``timestamp_utc``, ``Time (ET)``; "" where it states none.

    Examples
    --------
    >>> zone_of("TIMESTAMP_UTC"), zone_of("mostImportantDateUTC"), zone_of("Time (ET)"), zone_of("asset")
    ('UTC', 'UTC', 'America/New_York', '')
    """
    found = _ZONE_OF_TITLE.search(title.strip())
    return ZONES[(found[1] or found[2]).upper()] if found else ""


def role_name(title: str) -> str:
    """Return a title as `plain` writes it, without a zone: what `ROLES` has.

    Examples
    --------
    >>> role_name("Time (ET)"), role_name("Event_Date")
    ('time', 'eventdate')
    """
    return plain(_ZONE_OF_TITLE.sub("", title.strip()))


def is_own_form(table: Table) -> bool:
    """Whether a list has the product's own columns, of which no cell may be empty."""
    titles = set(table.titles)
    return {"event_id", "ticker"} <= titles and bool({"when", "session"} & titles)


def roles_of(
    table: Table, options: ReadingOptions, chosen: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Return the column of each role.

    Parameters
    ----------
    chosen
        Columns that the layout names; what the user names goes before them.

    Raises
    ------
    FileContentError
        No id or no day; two columns of one role, with a cell of each and the option.
    UsageError
        The user names a role or a column that does not exist.
    """
    named = named_columns(table, options)
    taken = {**(chosen or {}), **named}
    found = {
        role: [
            place
            for place, title in enumerate(table.titles)
            if title and place not in taken.values() and role_name(title) in names
        ]
        for role, names in ROLES.items()
        if role not in taken
    }
    _settle_ids(table, found, taken)
    for role, places in found.items():
        if len(places) > 1:
            places[:] = settled(table, role, places)
        if places:
            taken[role] = places[0]
    if "when" in named and "session" not in named:
        taken.pop("session", None)
    if "session" in named and "when" not in named:
        taken.pop("when", None)
    if "benchmark" in taken and _is_saved_index(table, taken["benchmark"]):
        del taken["benchmark"]
    _require(table, taken)
    return taken


def named_columns(table: Table, options: ReadingOptions) -> dict[str, int]:
    """Return the columns that the user names, by role."""
    named: dict[str, int] = {}
    for role, header in options.event_columns.items():
        if role not in NAMED_ROLES:
            raise UsageError(
                f"--event-column {role}={header}: no role of that name{nearest(role, tuple(NAMED_ROLES))}"
            )
        places = [place for place, title in enumerate(table.titles) if title == header.strip()] or list(
            table.places(header)
        )
        if len(places) != 1:
            wrong = "there is no such column" if not places else "several columns are called so"
            raise FileContentError(
                table.name, f"column {header!r}: {wrong}", f"the columns are {titles_shown(table)}"
            )
        named["kind" if role == "group" else role] = places[0]
    return named


def _settle_ids(table: Table, found: dict[str, list[int]], taken: Mapping[str, int]) -> None:
    """Decide what ``id`` and ``event`` are: the firm where nothing else names it, else the event."""
    ids, firms = found.get("event_id", []), found.get("ticker", [])
    plain_titles = {place: plain(title) for place, title in enumerate(table.titles)}
    bare = [place for place in ids if plain_titles[place] == "id"]
    others = [place for place in firms if plain_titles[place] != "id"]
    if others or "ticker" in taken:
        if "ticker" in found:
            found["ticker"] = others
    else:
        for place in bare:
            ids.remove(place)
    if "event_id" in found and len(ids) > 1:
        own = [place for place in ids if plain_titles[place] == "eventid"]
        found["event_id"] = own or [place for place in ids if plain_titles[place] == "id"]


def settled(table: Table, role: str, places: list[int]) -> list[int]:
    """Return the one column of several for a role, or ask."""
    own = [place for place in places if table.titles[place] == role]
    if len(own) == 1 and (role not in ("ticker", "when", "time") or (role != "time" and is_own_form(table))):
        return own
    if all(table.columns[place].equals(table.columns[places[0]]) for place in places[1:]):
        return own or places[:1]
    if role == "kind" and len({table.titles[place] for place in places}) == len(places):
        return []  # no figure needs one: `unsettled_kinds` says so
    option = "group" if role == "kind" else role
    shown = " or ".join(f"{table.titles[place]!r} ({_sample(table, place)})" for place in places)
    header = table.titles[places[0]]
    if len({table.titles[place] for place in places}) < len(places):
        raise FileContentError(
            table.name, f"column {header!r} is there twice", "keep one", line=header_line(table)
        )
    raise FileContentError(
        table.name,
        f"{role} is {shown}, and nothing settles it",
        f"say --event-column {option}={header} or {option}={table.titles[places[1]]}"
        f" (events_file: {{columns: {{{option}: {header}}}}})",
        line=header_line(table),
    )


def unsettled_kinds(table: Table, roles: Mapping[str, int]) -> list[str]:
    """Return the titles of columns of which each may be the kind, and none is taken."""
    if "kind" in roles:
        return []
    return [title for title in table.titles if title and role_name(title) in ROLES["kind"]]


def _sample(table: Table, place: int) -> Any:
    cells = table.columns[place].slice(0, 20).to_pylist()
    return next((cell for cell in cells if cell is not None), "empty")


def header_line(table: Table) -> int | None:
    """Return the line of the header, None where there is none."""
    return table.first_line - 1 if table.headers and table.first_line > 1 else None


def _is_saved_index(table: Table, place: int) -> bool:
    """Whether a column called ``index`` holds the numbers of a frame's rows."""
    if plain(table.titles[place]) != "index":
        return False
    return all(str(cell).removesuffix(".0").isdecimal() for cell in table.columns[place].to_pylist())


def _require(table: Table, taken: Mapping[str, int]) -> None:
    """Demand an id and a day."""
    problems = []
    if "ticker" not in taken:
        problems.append(("no column names the security", "ticker=HEADER"))
    if "when" not in taken and "session" not in taken:
        others = [title for title in table.titles if plain(title) in OTHER_DAYS]
        told = "".join(f"; {title} is {OTHER_DAYS[plain(title)]}" for title in others)
        problems.append((f"no column has the day of the event{told}", "when=HEADER"))
    if problems:
        said = " and ".join(problem for problem, _ in problems)
        options = " ".join(f"--event-column {option}" for _, option in problems)
        problem = f"{said}; the columns are {titles_shown(table)}"
        raise FileContentError(table.name, problem, f"say {options}", line=header_line(table))
