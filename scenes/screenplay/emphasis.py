r"""Emphasis in Fountain: *italic*, **bold**, ***both***, _underlined_; a backslash makes such a mark a plain one."""

import re

_MARK = re.compile(r"\\[\\*_\[()^#]|\*+|_+")
_ESCAPED = re.compile(r"[\\*_\[]")


def plain(line: str) -> str:
    """Return one line without the marks of emphasis that come in pairs, and without backslashes before marks."""
    if not any(mark in line for mark in "\\*_"):
        return line
    marks = list(_MARK.finditer(line))
    gone = _pairs(line, marks)
    parts, end = [], 0
    for index, mark in enumerate(marks):
        parts.append(line[end : mark.start()])
        end = mark.end()
        if mark[0][0] == "\\":
            parts.append(mark[0][1])
        elif index not in gone:
            parts.append(mark[0])
    return "".join([*parts, line[end:]])


def _pairs(line: str, marks: list[re.Match[str]]) -> set[int]:
    """The indices of the marks that open or close emphasis. Linear: each mark is opened and closed at most once."""
    gone: set[int] = set()
    open_marks: list[int] = []
    opened = dict.fromkeys(("*", "**", "***", "_"), 0)
    for index, mark in enumerate(marks):
        kind = mark[0]
        if kind not in opened:  # behind a backslash, or too many in a row
            continue
        before, after = line[max(mark.start() - 1, 0) : mark.start()], line[mark.end() : mark.end() + 1]
        if opened[kind] and not before.isspace() and not (kind == "_" and after.isalnum()):
            while True:
                last = open_marks.pop()
                opened[marks[last][0]] -= 1
                if marks[last][0] == kind:
                    break
            gone |= {last, index}
        elif after and not after.isspace() and not (kind == "_" and before.isalnum()):
            open_marks.append(index)
            opened[kind] += 1
    return gone


def escape(line: str) -> str:
    """Return a line that `plain` makes into this one, and in which no note and no boneyard begins."""
    return _ESCAPED.sub(r"\\\g<0>", line)
