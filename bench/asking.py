"""How soon a visitor is asked for a mark: from the key with which the operator closes to the numbers in sight, in a
real browser with the desk in one window and the widget in another. Beside it, in the same run, the moment in which the
widget's socket heard of it: what lies between is drawing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.chromium import FLAGS, find_chromium
from bench.ground import Ground, Running, listens
from bench.machine import Cores
from bench.stage import clear_desk
from bench.targets import running_worker, web_process
from chatplatform.replay.setup import SITES
from chatplatform.replay.setup import Ground as MeasuringGround
from chatplatform.replay.summary import milliseconds

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 30
PATIENCE_MS = 20_000
SITE = SITES[0]
ADDRESS = "/bench/"
PAGE = f"""<!doctype html><title>Bench</title><h1>Bench</h1>
<script src="/widget/loader.js" data-website="{SITE.website}" async></script>"""
# Both windows read the machine's clock. A question counts as seen when the frame that shows it was painted.
WATCH = """(() => {
  const now = () => performance.timeOrigin + performance.now();
  const Native = WebSocket;
  window.WebSocket = class extends Native {
    constructor(...where) {
      super(...where);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string" && data.includes('"rating.requested"')) window.heardAt ??= now();
      });
    }
  };
  addEventListener("keydown", (event) => {
    if (event.altKey && event.shiftKey && event.code === "Digit2") window.pressedAt = now();
  }, true);
  new MutationObserver(() => {
    if (window.isSeen || !document.querySelector('[aria-label="9 out of 10"]')) return;
    window.isSeen = true;
    requestAnimationFrame(() => setTimeout(() => (window.seenAt = now())));
  }).observe(document, { childList: true, subtree: true });
})()"""


def asking(
    ground: Ground, cores: Cores, port: int, measuring: MeasuringGround, report: Callable[[str], None]
) -> dict[str, Any] | None:
    """Milliseconds from the closing key to what the widget's socket heard, and to what the visitor sees. Each round is
    a new visitor. None without Chromium."""
    path = find_chromium()
    if path is None:
        report("no Chromium found: not measured")
        return None
    from playwright.sync_api import sync_playwright

    clear_desk()
    web_command = web_process("uvicorn", "chatplatform.asgi:application", port)
    with (
        Running(web_command, ground.environment(port), cores.server, ground.log("asking-web")) as web,
        running_worker(ground, port, cores.others),
        sync_playwright() as playwright,
    ):
        web.wait_until(lambda: listens(port))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            desk = _desk(browser, port, measuring)
            rounds = [_round(browser, desk, port, number) for number in range(ROUNDS + 1)]
        finally:
            browser.close()
    measured = rounds[1:]  # the first one loads everything
    return {
        "rounds": len(measured),
        "heard": milliseconds([heard / 1000 for heard, _seen in measured], 50, 95, 100),
        "seen": milliseconds([seen / 1000 for _heard, seen in measured], 50, 95, 100),
    }


def _page(browser: "Browser", **options: Any) -> "Page":
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(WATCH)
    return context.new_page()


def _desk(browser: "Browser", port: int, measuring: MeasuringGround) -> "Page":
    page = _page(browser, viewport={"width": 1440, "height": 900})
    page.goto(f"http://{measuring.desk}:{port}/")
    page.get_by_label("E-mail address").fill(measuring.emails[0])
    page.get_by_label("Password").fill(measuring.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Connected", exact=True).wait_for()
    page.get_by_role("button", name="Available", exact=True).click()
    return page


def _round(browser: "Browser", desk: "Page", port: int, number: int) -> tuple[float, float]:
    """(heard, seen), in milliseconds after the key."""
    shop = _page(browser, viewport={"width": 360, "height": 640})
    address = f"http://{SITE.host}:{port}{ADDRESS}"
    shop.route(address, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    shop.goto(address)
    widget = shop.frame_locator("iframe[data-widget-frame]")
    widget.get_by_role("button", name="Chat with us").click()
    question = f"What does number {number} cost?"
    field = widget.locator("textarea.composer-field")
    field.fill(question)
    field.press("Enter")
    mine = desk.locator("section", has=desk.get_by_role("heading", name="Mine"))
    mine.locator(".row", has_text=question).click()
    desk.locator(".thread").get_by_text(question).wait_for()
    desk.locator("#composer").fill("It costs ten.")
    desk.keyboard.press("Enter")
    widget.get_by_text("It costs ten.").wait_for()
    desk.locator("#composer").press("Alt+Shift+2")
    frame = next(frame for frame in shop.frames if "/widget/" in frame.url)
    frame.wait_for_function("() => window.seenAt")
    pressed_at = desk.evaluate("() => window.pressedAt")
    heard_at, seen_at = frame.evaluate("() => [window.heardAt, window.seenAt]")
    shop.context.close()
    return heard_at - pressed_at, seen_at - pressed_at
