"""The chart pane: what it finds in an answer, draws, and gives to take along."""

import asyncio
import csv
import io
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.ide import Ide

SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
QUERY = "query Anything { viewer { account { username } } }"
Answer = Callable[[Any], Awaitable[None]]


class Pane:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.get_by_role("region", name="Chart", exact=True)
        self.chart = self.root.locator("svg[role=img]")
        self.rows = self.root.get_by_role("table")

    async def open(self) -> None:
        await self.page.get_by_role("button", name="Show Chart").click()
        await expect(self.root).to_be_visible()

    async def choose(self, **choices: str) -> None:
        for label, choice in choices.items():
            await self.root.get_by_label(label.replace("_", " ").capitalize(), exact=True).select_option(choice)

    def value(self, name: str) -> Locator:
        return self.root.get_by_role("group", name="Values").get_by_label(name, exact=True)

    def marks(self, kind: str) -> Locator:
        """`dot` or `bar` or `rect`: one for each value that there is."""
        return self.chart.locator(f"g[aria-label={kind}] > *, g[aria-label={kind}] > g > *").and_(self.chart.locator("[aria-label*=': ']"))

    async def labels(self, kind: str) -> list[str]:
        return [str(await mark.get_attribute("aria-label")) for mark in await self.marks(kind).all()]

    async def csv(self) -> list[list[str]]:
        text = (await self._download("Download CSV")).decode()
        assert "\n" not in re.sub('"[^"]*"', "", text).replace("\r\n", "")
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))

    async def svg(self) -> str:
        return (await self._download("Download SVG")).decode()

    async def _download(self, button: str) -> bytes:
        async with self.page.expect_download() as download:
            await self.root.get_by_role("button", name=button).click()
        path = await (await download.value).path()
        return await asyncio.to_thread(Path(path).read_bytes)


@pytest.fixture
def pane(ide: Ide) -> Pane:
    return Pane(ide.page)


@pytest.fixture
async def answer(ide: Ide, stub_url: str, pane: Pane) -> Answer:
    """Have the gateway answer this data, whatever is asked, and the pane show it."""
    told: dict[str, Any] = {}

    async def respond(route: Route) -> None:
        if "IntrospectionQuery" in (route.request.post_data or ""):
            await route.continue_()
        else:
            await route.fulfill(json={"data": told})

    async def give(data: Any) -> None:
        told.clear()
        told.update(data)
        await ide.answer()

    await ide.page.route("**/graphql", respond)
    await ide.open(stub_url)
    await ide.write(QUERY)
    await pane.open()
    return give


def label(x: str, series: str, value: float) -> str:
    return f"{x}, {series}: {value:g}"


async def test_analyst_draws_what_the_gateway_answers_and_takes_it_along(ide: Ide, pane: Pane, base_url: str) -> None:
    page = ide.page
    await ide.open(base_url)
    await page.get_by_role("group", name="Sign in as").get_by_role("button", name="Analyst").click()
    await ide.expect_status("Signed in as")
    await ide.open_tab("Analyst")
    await pane.open()
    await expect(pane.root).to_contain_text("There is no answer yet.")

    packages = (await ide.answer())["data"]["packages"]["nodes"]
    await expect(pane.marks("bar")).to_have_count(len(packages))
    counts = [package["enrollments"]["totalCount"] for package in packages]
    assert len(set(counts)) > 1
    assert await pane.labels("bar") == [
        label(package["name"], "enrollments.totalCount", count) for package, count in zip(packages, counts, strict=True)
    ]
    widths = [float(str(await bar.get_attribute("width"))) for bar in await pane.marks("bar").all()]
    assert [round(width / max(widths), 2) for width in widths] == [round(count / max(counts), 2) for count in counts]
    header, *rows = await pane.csv()
    assert header == ["name", "enrollments.totalCount"]
    assert rows == [[package["name"], str(count)] for package, count in zip(packages, counts, strict=True)]
    await page.screenshot(path=SCREENSHOTS / "chart-bars.png")

    people = (await (await page.request.get(f"{base_url}/demo/people")).json())["people"]
    name = next(person["name"] for person in people if person["as"] == "coach")
    members = (await _ask(ide, "query Members { members(first: 20) { nodes { id name } } }"))["members"]["nodes"]
    coach = next(member["id"] for member in members if member["name"] == name)
    hours = "byMonth { month sessions hours paidHours proBonoHours }"
    months = (await _ask(ide, f'query Hours {{ certificationReport(coach: "{coach}") {{ {hours} }} }}'))["certificationReport"]["byMonth"]
    series = ["sessions", "hours", "paidHours", "proBonoHours"]
    assert len(months) > 5
    await expect(pane.marks("dot")).to_have_count(4 * len(months))
    assert sorted(await pane.labels("dot")) == sorted(label(month["month"], name, month[name]) for month in months for name in series)
    assert await pane.chart.locator("g[aria-label=line] path").count() == 4
    assert await pane.chart.locator("g[aria-label=legend] text").all_text_contents() == series
    header, *rows = await pane.csv()
    assert header == ["month", *series]
    assert [[row[0], *map(float, row[1:])] for row in rows] == [[month[name] for name in header] for month in months]
    await page.screenshot(path=SCREENSHOTS / "chart-lines.png")

    assert ide.hosts - {""} == {urlsplit(base_url).netloc}
    assert ide.complaints == []


async def _ask(ide: Ide, query: str) -> Any:
    await ide.write(query)
    return (await ide.answer())["data"]


async def test_finds_every_list_of_objects(pane: Pane, answer: Answer) -> None:
    await answer(
        {
            "flat": [{"a": 1, "tags": ["x", "y"]}, {"b": True, "inner": {"deep": {"c": "2026-11-28"}}}, None],
            "packages": {
                "totalCount": 2,
                "nodes": [
                    {
                        "name": "One",
                        "price": {"amount": 5},
                        "enrollments": {"totalCount": 2, "nodes": [{"state": "ACTIVE"}, {"state": "OVER"}]},
                    },
                    {"name": "Two", "enrollments": {"nodes": [{"state": "ACTIVE", "__proto__": "mine"}]}},
                ],
                "edges": [{"node": {"name": "One"}}],
            },
            "clients": {"edges": [{"cursor": "c1", "node": {"id": "1"}}, {"cursor": "c2", "node": {"id": "2"}}]},
            "nodes": [{"id": "x"}],
            "numbers": [1, 2, 3],
            "nothing": [],
            "nowhere": None,
        }
    )
    tables = {
        "flat": [["a", "tags", "b", "inner.deep.c"], ["1", "x, y", "", ""], ["", "", "true", "2026-11-28"]],
        "packages": [["name", "price.amount", "enrollments.totalCount"], ["One", "5", "2"], ["Two", "", ""]],
        "packages.enrollments": [
            ["state", "packages.name", "__proto__"],
            ["ACTIVE", "One", ""],
            ["OVER", "One", ""],
            ["ACTIVE", "Two", "mine"],
        ],
        "clients": [["id", "cursor"], ["1", "c1"], ["2", "c2"]],
        "nodes": [["id"], ["x"]],
    }
    choice = pane.root.get_by_label("Table", exact=True)
    await expect(choice.locator("option")).to_have_text(list(tables))

    for name, rows in tables.items():
        await choice.select_option(name)
        await expect(pane.rows.locator("caption")).to_contain_text(f"{name}, ")
        assert await pane.csv() == rows


async def test_csv_is_quoted_and_holds_no_formula(pane: Pane, answer: Answer) -> None:
    texts = ['say "hi", please', "two\r\nlines", "=1+1", "=1+\n1", "\n=1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain"]
    await answer({"rows": [{"text": text, "number": -place} for place, text in enumerate(texts)]})

    header, *rows = await pane.csv()

    assert header == ["text", "number"]
    assert [number for _, number in rows] == [str(-place) for place in range(len(texts))]
    assert [text for text, _ in rows] == [f"'{text}" if text[0] in "=+-@\t\r\n" else text for text in texts]


async def test_null_and_suppressed_are_gaps(pane: Pane, answer: Answer) -> None:
    rows = [{"month": month, "clients": place, "churn": {"rate": 0.5, "suppressed": False}} for place, month in enumerate(MONTHS)]
    rows[3]["clients"] = None
    rows[7]["suppressed"] = True
    rows[7]["clients"] = 0
    rows[9]["churn"] = {"rate": 0, "suppressed": True}
    await answer({"rows": rows})

    await expect(pane.marks("dot")).to_have_count(24 - 4)
    lines = pane.chart.locator("g[aria-label=line] path")
    assert [str(await line.get_attribute("d")).count("M") for line in await lines.all()] == [3, 3]
    labels = await pane.labels("dot")
    assert label("2026-01", "clients", 0) in labels
    assert not [text for text in labels if text.startswith(("2026-04, clients", "2026-08, ", "2026-10, churn.rate"))]
    await expect(pane.root).to_contain_text("4 of 24 values are null or suppressed: gaps, not zeros.")
    await pane.marks("dot").first.hover()
    await expect(pane.chart.locator("g[aria-label=tip]")).to_have_text((await pane.labels("dot"))[0])
    cells = pane.rows.locator("tbody tr")
    await expect(cells.nth(3).locator("td").nth(1)).to_have_text("null")
    await expect(cells.nth(7).locator("td").nth(1)).to_have_text("suppressed")
    await expect(cells.nth(9).locator("td").nth(2)).to_have_text("suppressed")
    await expect(cells.nth(0).locator("td").nth(1)).to_have_css("text-align", "end")

    await pane.choose(kind="bar")
    await expect(pane.marks("rect")).to_have_count(24 - 4)


async def test_rows_with_the_same_place_are_counted_added_or_averaged_and_split(pane: Pane, answer: Answer) -> None:
    at = ["2026-10-31T23:30:00-02:00", "2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", "2026-12-24T08:00:00Z"]
    rows = [{"startsAt": instant, "minutes": 30 * place, "state": "AB"[place % 2]} for place, instant in enumerate(at, 1)]
    await answer({"appointments": {"nodes": rows}})

    await expect(pane.marks("dot")).to_have_count(2)
    assert await pane.labels("dot") == ["2026-11, number of rows: 3", "2026-12, number of rows: 1"]

    await pane.value("minutes").check()
    await pane.value("number of rows").uncheck()
    await expect(pane.marks("dot").first).to_have_attribute("aria-label", "2026-11, minutes: 180")
    await pane.choose(combine_rows_by="average")
    await expect(pane.marks("dot").first).to_have_attribute("aria-label", "2026-11, minutes: 60")
    await pane.choose(series_by="state", combine_rows_by="sum")
    await expect(pane.marks("dot")).to_have_count(3)
    assert await pane.labels("dot") == ["2026-11, B: 120", "2026-11, A: 60", "2026-12, A: 120"]
    await pane.choose(kind="bar", per="day")
    await expect(pane.marks("rect")).to_have_count(3)
    await pane.choose(a_bar_for_each="state")
    await expect(pane.marks("bar")).to_have_count(2)
    assert await pane.labels("bar") == ["B, minutes: 120", "A, minutes: 180"]


async def test_five_hundred_rows_are_drawn_and_downloaded_and_a_hundred_shown(pane: Pane, answer: Answer) -> None:
    rows = [{"day": f"{2025 + place // 336}-{place // 28 % 12 + 1:02}-{place % 28 + 1:02}", "bookings": place % 17} for place in range(500)]
    await answer({"days": rows})

    await expect(pane.marks("dot")).to_have_count(500)
    await expect(pane.rows.locator("tbody tr")).to_have_count(100)
    await expect(pane.root).to_contain_text("The first 100 of 500 rows are shown; the download has them all.")
    assert await pane.csv() == [["day", "bookings"], *([row["day"], str(row["bookings"])] for row in rows)]

    picture = await pane.svg()
    assert "var(" not in picture
    assert picture.count("<circle") == 500

    await answer({"clients": [{"name": f"Client {place}", "due": place} for place in range(500)]})
    await expect(pane.marks("bar")).to_have_count(50)
    await expect(pane.root).to_contain_text("The first 50 of 500 groups of bars are drawn.")


async def test_what_was_chosen_for_an_operation_is_chosen_the_next_time(ide: Ide, pane: Pane, answer: Answer) -> None:
    rows = {"rows": [{"month": month, "one": 1, "two": 2} for month in MONTHS]}
    await answer(rows)
    await pane.choose(kind="bar")
    await pane.value("one").uncheck()
    await expect(pane.marks("rect")).to_have_count(12)

    await ide.page.reload()
    await expect(pane.root).to_contain_text("There is no answer yet.")
    await answer(rows)

    await expect(pane.marks("rect")).to_have_count(12)
    await expect(pane.value("one")).not_to_be_checked()
    await answer({"rows": [{"name": "A", "three": 3}]})
    await expect(pane.marks("bar")).to_have_count(1)
    assert await pane.labels("bar") == ["A, three: 3"]
    await answer({"viewer": {"name": "nobody"}})
    await expect(pane.root).to_contain_text("There is no list with rows in this answer.")


async def test_pane_is_worked_by_keyboard(ide: Ide, pane: Pane, answer: Answer) -> None:
    await answer({"rows": [{"month": month, "one": 1, "name": "x"} for month in MONTHS]})
    await pane.root.get_by_role("button", name="Full screen").focus()
    reached: list[str] = []
    while len(reached) < 9:
        await ide.page.keyboard.press("Tab")
        reached.append(
            await ide.page.evaluate(
                "document.activeElement.labels?.[0]?.textContent ?? (e => e.ariaLabel ?? e.textContent)(document.activeElement)"
            )
        )
    assert reached == ["Kind", "Across", "Per", "Series by", "one", "number of rows", "Download CSV", "Download SVG", "Rows of rows"]
    assert ide.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_series_can_be_told_from_the_background(chromium: Browser, stub_url: str, theme: Any) -> None:
    context = await chromium.new_context(color_scheme="dark" if theme == "light" else "light")
    await context.add_init_script(f"localStorage['graphiql:theme'] = '{theme}'")
    ide = Ide(await context.new_page())
    await ide.open(stub_url)
    await Pane(ide.page).open()
    background, *series = await ide.page.evaluate("""() => {
        const pane = document.querySelector('.chart-pane');
        const drawn = color => { pane.style.color = color; return getComputedStyle(pane).color; };
        return ['background', 1, 2, 3, 4, 5, 6, 7, 8].map(name => drawn(`var(--chart-${name})`));
    }""")
    await context.close()

    behind = _luminance(background)
    assert (behind > 0.5) == (theme == "light")
    assert len(set(series)) == 8
    assert min((max(one, behind) + 0.05) / (min(one, behind) + 0.05) for one in map(_luminance, series)) >= 3


def _luminance(color: str) -> float:
    """Relative luminance of an `rgb()`, as WCAG defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (int(n) / 255 for n in re.findall(r"\d+", color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
