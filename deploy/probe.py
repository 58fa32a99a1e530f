"""Exit with 0 where the web server beside it serves pages: for container and service managers, every few seconds.

It asks less than /healthz tells: a site whose workers are away still shows what there is, so nothing is gained by
restarting it. Without Django, because that takes longer to import than the question to ask.
"""

import json
import os
import sys
import urllib.error
import urllib.request

SECONDS = 4


def ask() -> str:
    """Say why pages cannot be served; nothing where they can."""
    host = next((name.strip() for name in os.environ.get("ALLOWED_HOSTS", "").split(",") if name.strip()), "localhost")
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/healthz",
        headers={"Host": "localhost" if host == "*" else host.lstrip(".")},
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310  http only
            told = json.load(response)
    except urllib.error.HTTPError as error:
        if error.code != 503:
            return f"/healthz answers {error.code}."
        told = json.load(error)
    except (OSError, ValueError) as error:
        return f"The web server does not answer: {error}"
    return "" if told["database"]["ok"] else "The database does not answer."


if __name__ == "__main__":
    sys.exit(ask() or 0)
