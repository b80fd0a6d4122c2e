"""A page in headless Chromium: what a script finds there, and what went wrong."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from usbench.board.page.page import script_hash

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
LISTEN = """<script>window.wrong = [];
addEventListener("error", (event) => wrong.push(String(event.message)));
addEventListener("unhandledrejection", (event) => wrong.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => wrong.push(event.violatedDirective + " " + event.blockedURI));
for (const level of ["error", "warn"]) console[level] = (...parts) => wrong.push(parts.join(" "));
</script>"""
ACT = """<script>(async () => {
const rest = (time = 50) => new Promise((done) => setTimeout(done, time));
const one = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
await rest(500);
let found;
try { found = await (async () => { %s })(); } catch (error) { wrong.push(String(error)); }
const out = document.createElement("pre"); out.id = "found"; out.textContent = JSON.stringify({ found, wrong });
document.body.append(out);
})();</script>"""


def act(page: Path, script: str, *, width: int = 1280, height: int = 900) -> Any:
    """Return what `script`, the body of an async function, returns in the page; fail if anything went wrong in it.

    It has `rest(ms)`, `one(selector)` and `all(selector)`.
    """
    acted = page.with_name("acted.html")
    text = page.read_text(encoding="utf-8")
    added = LISTEN, ACT % script
    own = " ".join(script_hash(one.removeprefix("<script>").removesuffix("</script>")) for one in added)
    text = text.replace("script-src ", f"script-src {own} ", 1).replace("<link", LISTEN + "<link", 1)
    head, _, tail = text.rpartition("</body>")
    acted.write_text(head + added[1] + "</body>" + tail, encoding="utf-8")
    done = _chromium(acted, "--dump-dom", width=width, height=height)
    written = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert written, f"the script did not end: {done.stdout[-500:]} {done.stderr[-500:]}"
    told = json.loads(html.unescape(written[1]))
    assert told["wrong"] == []
    return told.get("found")


def _chromium(page: Path, *more: str, width: int, height: int) -> subprocess.CompletedProcess:
    profile = page.with_name("profile")
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
    command += ["--virtual-time-budget=20000", *more, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)
