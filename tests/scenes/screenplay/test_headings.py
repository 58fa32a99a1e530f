"""What a heading says about place and hour."""

import pytest

from scenes.screenplay import headings


@pytest.mark.parametrize(
    ("heading", "side", "location", "hour"),
    [
        ("INT. LIGHTHOUSE - KITCHEN - NIGHT", "inside", "LIGHTHOUSE - KITCHEN", "NIGHT"),
        ("EXT. PARIS – NIGHT CLUB", "outside", "PARIS – NIGHT CLUB", ""),
        ("int./ext. car -- moments later", "both", "car", "moments later"),
        ("I/E VAN - DAWN/DUSK", "both", "VAN", "DAWN/DUSK"),
        ("EXT. PIER - NIGHT (1985)", "outside", "PIER", "NIGHT (1985)"),
        ("INT. ROOM - THE SAME NAME", "inside", "ROOM - THE SAME NAME", ""),
        ("EST. CITY", "outside", "CITY", ""),
        ("ИНТ. КУХНЯ — УТРО", "inside", "КУХНЯ", "УТРО"),
        ("НАТ. ПРИЧАЛ - НОЧЬ", "outside", "ПРИЧАЛ", "НОЧЬ"),
        ("灯台の部屋 - 夜", "", "灯台の部屋", "夜"),
        ("INTERVAL", "", "INTERVAL", ""),
        ("", "", "", ""),
    ],
)
def test_a_heading_is_taken_apart(heading, side, location, hour):
    # Catches a place that is called by its hour, and two places where there is one.
    place = headings.parse(heading)
    assert (place.side, place.location, place.hour) == (side, location, hour)
