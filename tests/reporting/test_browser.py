"""Reports in a real browser: nothing overflows, is illegible or fails, on a phone and on a screen, light and dark.

Needs Chromium (Debian: `apt-get install chromium`) and `pip install -e '.[browser]'`; skipped without.
"""

import pytest
from support.browser import chromium
from support.written_run import score, write_run

from compare_gan2.reporting.palette import contrast
from compare_gan2.reporting.run_report import write_report

pytestmark = pytest.mark.slow
WIDTHS = (360, 768, 1440)
LONG = "a-run-with-a-name-that-is-longer-than-any-phone-is-wide-labels.fraction=0.05-<b>&amp;"
# Colours of every element that has text of its own, and of the nearest background behind it.
TEXT_COLORS = """() => [...document.querySelectorAll("body *")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    && element.checkVisibility() && !element.closest("script, style, svg"))
  .map(element => {
    let behind = element;
    while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const paper = getComputedStyle(behind || document.body).backgroundColor;
    const least = element.closest("[aria-hidden]") ? 3 : 4.5;  // signs of a legend are graphics
    return [element.tagName, getComputedStyle(element).color, paper, least];
  })"""
CUT_CELLS = """() => [...document.querySelectorAll("td, th, p, h1, h2, h3, summary, figcaption")]
  .filter(cell => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"""
SHOWN_STEPS = """() => [...document.querySelectorAll(".frames figure")]
  .filter(frame => frame.checkVisibility()).map(frame => frame.dataset.step)"""
LEFT_OF_FIRST = "() => document.querySelector('.wide tbody th').getBoundingClientRect().left"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Address of a report of three runs: one with a long name, one stopped, one with a single checkpoint."""
    folder = tmp_path_factory.mktemp("reports")
    caution = [score(40, 3.0, caution="fewer images than features"), score(40, 5.0, "kid"), score(40, 0.5, "nobodys")]
    event = dict(step=20, rule="d_wins", value=0.01, threshold=0.1, action="stop", message="D has won. " * 20)
    runs = [
        write_run(folder / LONG, scores=[score(0, 40.0), *caution]),
        write_run(folder / "stopped", events=[event], done=False, options={"labels.fraction": "0.05"}),
        write_run(folder / "single", steps=(40,)),
    ]
    write_report(runs, folder / "report.html", "compare_gan2 report")
    return (folder / "report.html").as_uri()


@pytest.fixture(params=[(width, scheme) for scheme in ("light", "dark") for width in WIDTHS], ids=str)
def page(request, browser, report):
    """The open page; fails for messages in the console and for whatever it asks of the network."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url[:99]) if request.url != report else None)
    page.goto(report)
    yield page
    context.close()
    assert not [text for text in complaints if not text.startswith("data:")]


def open_all(page):
    page.evaluate("() => document.querySelectorAll('details').forEach(part => part.open = true)")


def rgb(text):
    """Colour such as "#ffffff" of a computed style."""
    return "#" + "".join(f"{int(part):02x}" for part in text[text.index("(") + 1 : -1].split(",")[:3])


def test_nothing_is_wider_than_the_screen(page):
    open_all(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") == page.viewport_size["width"]
    assert not page.evaluate(CUT_CELLS)


def test_what_does_not_scroll_is_within_the_screen(page):
    open_all(page)
    outside = """() => [...document.querySelectorAll("p, h1, h2, h3, li, summary, figcaption, img, svg, input")]
      .filter(part => part.checkVisibility() && !part.closest(".unseen, .skip")
        && part.getBoundingClientRect().right > innerWidth + 1).map(part => part.outerHTML.slice(0, 99))"""
    assert not page.evaluate(outside)


def test_text_can_be_read(page):
    open_all(page)
    found = {tuple(entry) for entry in page.evaluate(TEXT_COLORS)}
    assert len({tag for tag, *_ in found}) > 10
    assert not [entry for entry in found if contrast(rgb(entry[1]), rgb(entry[2])) < entry[3]]
    assert rgb(page.evaluate("() => getComputedStyle(document.querySelector('svg text')).fill")) in (
        rgb(page.evaluate("() => getComputedStyle(document.body).color")),
    )


def test_first_column_stays_where_a_table_scrolls(page):
    before = page.evaluate(LEFT_OF_FIRST)
    moved = page.evaluate(
        "() => { const wide = document.querySelector('.wide'); wide.scrollLeft = 200; return wide.scrollLeft }"
    )
    assert page.evaluate(LEFT_OF_FIRST) == before
    assert moved > 0 or page.viewport_size["width"] > 360


def test_keyboard_moves_all_runs_through_their_checkpoints(page):
    slider = page.locator("input[type=range]")
    assert page.evaluate(SHOWN_STEPS) == ["40", "40", "40"]
    slider.focus()
    page.keyboard.press("Home")
    assert page.evaluate(SHOWN_STEPS) == ["0", "0", "40"]  # the last run has no other one
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SHOWN_STEPS) == ["20", "20", "40"]
    assert slider.get_attribute("aria-valuetext") == page.locator("output").inner_text() == "step 20"


def test_all_checkpoints_are_shown_without_a_script(browser, report):
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    assert page.locator(".frames figure:visible").count() == 7 and not page.locator("input").is_visible()
    context.close()


KEPT = {"h2": "avoid", "h2 + p": "avoid", "figcaption:last-child": "auto"}  # with what follows, on paper


def test_printed_page_has_what_is_folded_on_the_screen(browser, report):
    context = browser.new_context(viewport={"width": 794, "height": 1123}, color_scheme="dark")
    page = context.new_page()
    page.goto(report)
    page.emulate_media(media="print", color_scheme="dark")
    assert rgb(page.evaluate("() => getComputedStyle(document.body).backgroundColor")) == "#ffffff"
    assert not page.locator("nav").is_visible()
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("pre").first.is_visible()
    assert page.locator(".frames figure:visible").count() == 7  # of all checkpoints, not of the slider's alone
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    after = {what: page.locator(what).first.evaluate("e => getComputedStyle(e).breakAfter") for what in KEPT}
    assert after == KEPT  # a name below a picture must not tie it to the next heading, or its own one is left behind
    assert page.pdf().startswith(b"%PDF")
    context.close()
