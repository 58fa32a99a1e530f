"""A cut as a table for spreadsheets."""

import csv
import io

from videogen.exports.cut import Cut

COLUMNS = (
    *("Shot", "Scene", "Block", "Kind", "Speaker", "Words", "Seen", "Frames", "Seconds", "Starts at"),
    *("First frame", "Last frame", "Take", "Size", "Frame rate", "Model", "Seed", "Prompt", "Notes"),
)
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # what a spreadsheet would run, some of them the wide forms too


def shot_list(cut: Cut) -> str:
    """Write the shots as CSV, with the mark by which spreadsheets know UTF-8."""
    table = io.StringIO(newline="")
    table.write("\ufeff")
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for start, shot in cut.placed():
        take = shot.take
        first, last = cut.numbers(shot)
        of_take: tuple[object, ...] = ("",) * 6
        if take:
            size = f"{take.width} × {take.height}"
            of_take = (take.number, size, take.frame_rate, take.model, take.seed, take.settings.get("prompt", ""))
        row = (
            *(shot.name, shot.scene, shot.number, "dialog" if shot.is_dialog else "action", shot.speaker, shot.words),
            *(shot.kind, shot.frames, f"{shot.frames / cut.frame_rate:.3f}", f"{start / cut.frame_rate:.3f}"),
            *(first, last, *of_take, "\n".join(cut.noted(shot))),
        )
        rows.writerow([_safe(cell) for cell in row])
    return table.getvalue()


def _safe(cell: object) -> object:
    """Have a spreadsheet show what begins like a formula, and not run it."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip().startswith(_FORMULA) else cell
