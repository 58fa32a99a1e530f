"""The phonemizer's dictionaries, packed: every word reads as it did."""

import pytest

from tests.fixtures.voices import HAS_HIBARI
from videogen.speech.packed import Packed

TEXTS = (
    "Forty years I lit that lamp, and not once did I know if anyone was out there.",
    "Dr. Smith READ the 3rd record at 7:30 pm; he'd live in Paris for $9.99, wouldn't he?",
    "Zorblax and the Ndrangheta's naïve walkers sat by 1,250 un-re-lit lamps.",
)


def test_what_was_packed_is_found_and_nothing_else():
    # Catches an entry that is lost, changed or given for another key: a word would be mispronounced, or spelt out.
    entries = {f"wörd{number}": f"wˈɜɹd{number}" for number in range(2000)}
    entries |= {"read": {"DEFAULT": "ɹˈid", "VBD": "ɹˈɛd", "None": None}, "w=sea": {"NN": -2.3}, "": "nothing"}
    packed = Packed(entries)
    assert all(packed.get(key) == value for key, value in entries.items())
    assert [packed.get(key, "not") for key in ("wörd", "wörd20000", "rea", "read\0")] == ["not"] * 4
    assert Packed({}).get("anything") is None


def test_two_keys_of_one_hash_are_told_apart(monkeypatch):
    # Catches the first of two entries being given for both.
    monkeypatch.setattr("videogen.speech.packed.hash", lambda _key: 7, raising=False)
    packed = Packed({"one": 1, "two": 2, "three": 3})
    assert [packed.get(key) for key in ("one", "two", "three", "four")] == [1, 2, 3, None]


@HAS_HIBARI
@pytest.mark.parametrize("text", TEXTS)
def test_the_packed_phonemizer_reads_as_the_package_does(text):
    # Catches a use of the dictionaries, in a newer package, that the packed ones do not serve.
    from hibari import Hibari

    from videogen.speech.hibari_voice import _voice

    assert list(_voice().phonemize(text)) == list(Hibari(threads=1).phonemize(text))
