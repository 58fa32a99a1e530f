"""How long a program that ended waits, and when it is given up."""

from local.back_off import BackOff, Limits


def delays(*lengths: float, **limits: float) -> list[float | None]:
    """The delays of a program that ran for so long each time."""
    back_off, clock, found = BackOff(Limits(**limits)), 0.0, []
    for length in lengths:
        found.append(back_off.next_delay(clock, clock + length))
        clock += length + (found[-1] or 0)
    return found


def test_each_delay_is_twice_the_one_before_up_to_half_a_minute():
    assert delays(*[20] * 8) == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_program_that_ran_well_for_a_minute_starts_from_the_first_delay_again():
    assert delays(20, 20, 20, 60, 20) == [1, 2, 4, 1, 2]


def test_five_ends_within_a_minute_are_too_many():
    assert delays(0, 0, 0, 0, 0) == [1, 2, 4, 8, None]


def test_five_ends_in_more_than_a_minute_are_not():
    assert delays(0, 12, 12, 12, 12) == [1, 2, 4, 8, 16]


def test_the_limits_can_be_others():
    assert delays(0, 0, 0, first_delay=0.5, longest_delay=0.6, most_ends=3) == [0.5, 0.6, None]
