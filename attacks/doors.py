"""Attacks on who gets in: files, links, passwords, tokens."""

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from attacks.browser import Browser, path_of
from attacks.result import Result
from attacks.target import Target

PERSON = "alice"
TRIES = 70  # more than both limits of wrong passwords
AT_ONCE = 12
SECRET = "a wrong password that must not be kept"


def files_read_by_others(target: Target) -> Result:
    """Look for anything that another account of the machine may open."""
    with target.measured() as measured:
        paths = [target.var_dir, *target.var_dir.rglob("*")]
        opened = [path for path in paths if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077]
    words = (
        f"{len(opened)} of {len(paths)} files and folders are open, first {opened[0].name}" if opened else "all closed"
    )
    return measured.result("files read by others", not opened, words)


def damaged_links_close_the_good(target: Target) -> Result:
    """Open a dozen links that never were, then a good one."""
    with target.measured() as measured:
        for number in range(12):
            measured.statuses[Browser(target).get(f"/sign-in/?sesame=AAAAAQ{number}").status] += 1
        browser = Browser(target)
        answer = browser.press(target.manage("signinlink", PERSON))
        measured.statuses[answer.status] += 1
        held = browser.is_signed_in
    return measured.result("damaged links close the good", held, "the good one works" if held else "it is closed")


def previewed_links_are_spent(target: Target) -> Result:
    """Look at a link as a mail program does, then press it."""
    link = path_of(target.manage("signinlink", PERSON))
    with target.measured() as measured:
        for method in ("HEAD", "GET", "GET"):
            measured.statuses[Browser(target).get(link, method).status] += 1
        browser = Browser(target)
        measured.statuses[browser.press(link).status] += 1
        held = browser.is_signed_in
    return measured.result("previewed links are spent", held, "it still works" if held else "its reader is shut out")


def a_link_is_pressed_twelve_times(target: Target) -> Result:
    """Press one link twelve times at once; more than one session is a success."""
    link = path_of(target.manage("signinlink", PERSON))
    browsers = [Browser(target) for _ in range(AT_ONCE)]
    with target.measured() as measured:
        for browser in browsers:
            browser.get(link)

        def press(browser: Browser) -> int:
            return browser.post("/sign-in/", sesame=link.partition("=")[2]).status

        with ThreadPoolExecutor(AT_ONCE) as pool:
            measured.statuses.update(pool.map(press, browsers))
        sessions = sum(browser.is_signed_in for browser in browsers)
    return measured.result("a link is pressed twelve times", sessions == 1, f"{sessions} sessions")


def many_passwords_for_one_name(target: Target) -> Result:
    """Guess, inventing an address for each try."""
    with target.measured() as measured:
        for number in range(TRIES):
            browser = Browser(target, **{"X-Forwarded-For": f"192.0.2.{number}"})
            status = browser.sign_in(PERSON, f"{SECRET} {number}").status
            measured.statuses[status] += 1
            if status != 200:
                break
    held = bool(measured.statuses[429])
    return measured.result("many passwords for one name", held, f"{measured.statuses[200]} passwords were looked at")


def one_password_for_many_names(target: Target) -> Result:
    """Guess one password for one name after the other."""
    with target.measured() as measured:
        for number in range(TRIES):
            status = Browser(target).sign_in(f"somebody-{number}", SECRET).status
            measured.statuses[status] += 1
            if status != 200:
                break
    held = bool(measured.statuses[429])
    return measured.result("one password for many names", held, f"{measured.statuses[200]} names were looked at")


def secrets_kept_of_attempts(target: Target) -> Result:
    """Read what the database keeps of failed attempts: of a thief of a backup."""
    link = path_of(target.manage("signinlink", PERSON))
    with target.measured() as measured:
        for _ in range(3):
            browser = Browser(target)
            browser.get("/login/")
            path = f"/login/?next={link}&{'x' * 900}"
            measured.statuses[browser.post(path, username="mallory", password=SECRET, next=link).status] += 1
        database = f"file:{target.var_dir / 'storyreel.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(database, uri=True, timeout=20)) as connection:
            rows = connection.execute("SELECT get_data, post_data, path_info FROM axes_accessattempt").fetchall()
    kept = "".join(map(str, rows))
    held = bool(rows) and "sesame" not in kept and SECRET not in kept and len(kept) < 300 * max(1, len(rows))
    return measured.result("secrets kept of attempts", held, f"{len(kept)} characters of {len(rows)} rows")


def sessions_outlive_a_new_password(target: Target) -> Result:
    """Keep a stolen session over a change of the password."""
    thief, owner = Browser(target), Browser(target)
    with target.measured() as measured:
        for browser in (thief, owner):
            measured.statuses[browser.press(target.manage("signinlink", "bob")).status] += 1
        stolen = thief.is_signed_in
        owner.get("/account/")
        fresh = "an entirely fresh one"
        measured.statuses[owner.post("/account/", new_password1=fresh, new_password2=fresh).status] += 1
        held = stolen and owner.is_signed_in and not thief.is_signed_in
    return measured.result("sessions outlive a new password", held, "the other session ended" if held else "it lives")


def tokens_without_number_or_end(target: Target) -> Result:
    """Make tokens until somebody stops it."""
    browser = Browser(target)
    browser.press(target.manage("signinlink", PERSON))
    made = 0
    with target.measured() as measured:
        browser.get("/tokens/")
        for number in range(25):
            answer = browser.post("/tokens/", name=f"token {number}")
            measured.statuses[answer.status] += 1
            made += b'id="new-token"' in answer.body
    held = 0 < made <= 20
    return measured.result("tokens without number", held, f"{made} of 25 were made")


ATTACKS: tuple[Callable[[Target], Result], ...] = (
    files_read_by_others,
    damaged_links_close_the_good,
    previewed_links_are_spent,
    a_link_is_pressed_twelve_times,
    sessions_outlive_a_new_password,
    tokens_without_number_or_end,
    secrets_kept_of_attempts,
    many_passwords_for_one_name,  # these two last: they close passwords for a quarter of an hour
    one_password_for_many_names,
)
