"""How long a browser keeps files that only some people may see. The reasons: docs/decisions/0011."""

# Kept, but asked about before each use: the question passes the access check, and its answer is 304 without a byte.
ASK_FIRST = "private, no-cache"
# Small pictures, dozens on a page: asking about each would cost the page more than the page itself. Seconds.
BRIEFLY = "private, max-age=300"
# A redirect to an address that is good for a minute: each use asks anew, and passes the access check anew.
NEVER = "private, no-store"
