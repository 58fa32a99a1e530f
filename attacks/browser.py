"""A browser of an attacker: keeps cookies, sends forms."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from attacks.target import Answer, Target

FORM = "application/x-www-form-urlencoded"
SESSION = "storyreel_"  # the name of the session's cookie begins so


class Browser:
    """One browser. Follows no redirect."""

    def __init__(self, target: Target, **headers: str) -> None:
        self._target = target
        self._headers = headers
        self.cookies: dict[str, str] = {}

    @property
    def is_signed_in(self) -> bool:
        """Whether the server knows the session, by a page that only somebody signed in gets."""
        return self.get("/tokens/").status == 200

    @property
    def has_session(self) -> bool:
        """Whether it was given a session."""
        return any(name.startswith(SESSION) for name in self.cookies)

    def get(self, path: str, method: str = "GET") -> Answer:
        """Open a page."""
        return self._kept(self._target.call(method, path, headers=self._sent()))

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form, with the token that the last page set as a cookie."""
        body = urlencode(fields | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}).encode()
        return self._kept(self._target.call("POST", path, body, self._sent() | {"Content-Type": FORM}))

    def sign_in(self, username: str, password: str) -> Answer:
        """Try a password."""
        self.get("/login/")
        return self.post("/login/", username=username, password=password)

    def press(self, link: str) -> Answer:
        """Open a sign-in link and press its button."""
        path = path_of(link)
        self.get(path)
        return self.post("/sign-in/", sesame=path.partition("=")[2])

    def _sent(self) -> dict[str, str]:
        return self._headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _kept(self, answer: Answer) -> Answer:
        if answer.headers is not None:
            for header in answer.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return answer


def path_of(link: str) -> str:
    """Return a link without its host: the instance may be reached by another one."""
    parts = urlsplit(link.strip())
    return f"{parts.path}?{parts.query}"
