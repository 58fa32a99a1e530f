"""How alike scenes and blocks of two scripts are, and which belong together."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from scenes.screenplay import words

INSIDE = 0.5  # how alike two blocks of one scene have to be, from 0 to 1
ELSEWHERE = 0.65  # the same for blocks of different scenes
LEAST_WORDS = 3  # of a block that is looked for in other scenes: "Yes." is everybody's
OTHER_SPEAKER = 0.75  # what likeness counts for where somebody else speaks
OTHER_KIND = 0.6
NEAR = 0.1  # what standing at the same place is worth at most
MANY = 40  # blocks a word stands in from which on it tells nothing
BETWEEN = 0.3  # the same for blocks between the same two others
MOST_PAIRS = 40_000  # of one scene that are all compared; of longer ones those that are near or share a rare word
WINDOW = 30  # blocks before and behind that are near
SCENES_ALIKE = 0.2  # which part of the smaller scene's weight two scenes have to share
Features = dict[tuple[str, ...], float]  # what a scene is known by, with weights
HEADING = 40.0  # what an equal heading weighs beside letters of equal lines


@dataclass(frozen=True)
class Entry:
    """A block, as far as likeness goes."""

    scene: int
    kind: str
    speaker: str
    text: str

    @cached_property
    def folded(self) -> str:
        """The text by which blocks are the same: without capitals and punctuation."""
        return " ".join(words.words(self.text)) or self.text.strip()

    @cached_property
    def name(self) -> str:
        return self.speaker.casefold()

    @cached_property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.name, self.folded

    @cached_property
    def rare(self) -> frozenset[str]:
        return frozenset(self.folded.split())


def likeness(old: Entry, new: Entry) -> float:
    """How alike two blocks are: 1 for the same words of the same speaker, 0 for nothing in common."""
    letters = fuzz.ratio(old.folded, new.folded) / 100
    shared = len(old.rare & new.rare) * 2 / (len(old.rare) + len(new.rare) or 1)
    score = max((letters + shared) / 2, letters if letters > 0.8 else 0.0)
    if old.kind != new.kind:
        return score * OTHER_KIND
    return score * OTHER_SPEAKER if old.name != new.name else score


def longest_increasing(values: Sequence[int]) -> list[int]:
    """Return the indices of a longest run of rising values."""
    ends: list[int] = []  # the smallest value that a run of each length ends with
    at: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(ends, value)
        before.append(at[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            at.append(index)
        else:
            ends[length], at[length] = value, index
    run: list[int] = []
    index = at[-1] if at else -1
    while index >= 0:
        run.append(index)
        index = before[index]
    return run[::-1]


@dataclass
class Matcher:
    """Finds for each new block the old one it was, each at most once."""

    old: Sequence[Entry]
    new: Sequence[Entry]
    found: dict[int, int] = field(default_factory=dict)  # new: old
    taken: set[int] = field(default_factory=set)

    def inside(self, old: list[int], new: list[int]) -> None:
        """Match the blocks of one scene: the same words in order, the same words, then what is alike."""
        keys = {
            key: number for number, key in enumerate({self.old[n].key for n in old} | {self.new[n].key for n in new})
        }
        steps = LCSseq.opcodes([keys[self.old[n].key] for n in old], [keys[self.new[n].key] for n in new])
        for step in steps:
            if step.tag == "equal":
                for offset in range(step.src_end - step.src_start):
                    self._take(old[step.src_start + offset], new[step.dest_start + offset])
        self._same(old, new)
        left, right = self._left(old), self._right(new)
        if len(left) * len(right) <= MOST_PAIRS:
            pairs: Iterable[tuple[int, int]] = ((before, after) for before in left for after in right)
        else:
            pairs = {*self._near(left, new), *self._sharing(left, right)}
        places = {number: index / (len(old) or 1) for index, number in enumerate(old)}
        places_new = {number: index / (len(new) or 1) for index, number in enumerate(new)}
        self._alike(pairs, INSIDE, {"old": places, "new": places_new})

    def between(self, old: list[int], new: list[int]) -> None:
        """Match what stands between the same two blocks, has the same speaker and little else in common.

        "Yes." between the same two lines that was "Of course." is a line that changed. Comes last: what is at home in
        another scene is not taken for it.
        """
        inside = set(old)
        own = [number for number in new if self.found.get(number, -1) in inside]
        anchors = [own[index] for index in longest_increasing([self.found[number] for number in own])]
        start_old, start_new = old[0] if old else 0, new[0] if new else 0
        for anchor in [*anchors, None]:
            end_old = (old[-1] + 1 if old else 0) if anchor is None else self.found[anchor]
            end_new = (new[-1] + 1 if new else 0) if anchor is None else anchor
            self._gap(self._left(range(start_old, end_old)), self._right(range(start_new, end_new)))
            start_old, start_new = end_old + 1, end_new + 1

    def _gap(self, old: list[int], new: list[int]) -> None:
        waiting: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number in old:
            waiting[self.old[number].kind, self.old[number].name].append(number)
        coming: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number in new:
            coming[self.new[number].kind, self.new[number].name].append(number)
        for voice, numbers in coming.items():
            if voice[0] == "dialog" and len(numbers) == len(waiting[voice]):
                for one, other in zip(waiting[voice], numbers, strict=True):
                    self._take(one, other)
            elif len(numbers) * len(waiting[voice]) <= MOST_PAIRS:
                self._alike(((before, after) for before in waiting[voice] for after in numbers), BETWEEN, None)

    def elsewhere(self) -> None:
        """Match what is left over with what is left over of all other scenes."""
        left = [number for number in self._left(range(len(self.old))) if len(self.old[number].rare) >= LEAST_WORDS]
        right = [number for number in self._right(range(len(self.new))) if len(self.new[number].rare) >= LEAST_WORDS]
        self._same(left, right)
        self._alike(self._sharing(self._left(left), self._right(right)), ELSEWHERE, None)

    def _take(self, old: int, new: int) -> None:
        if old not in self.taken and new not in self.found:
            self.taken.add(old)
            self.found[new] = old

    def _left(self, old: Iterable[int]) -> list[int]:
        return [number for number in old if number not in self.taken]

    def _right(self, new: Iterable[int]) -> list[int]:
        return [number for number in new if number not in self.found]

    def _same(self, old: list[int], new: list[int]) -> None:
        waiting: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for number in reversed(self._left(old)):
            waiting[self.old[number].key].append(number)
        for number in self._right(new):
            if waiting[self.new[number].key]:
                self._take(waiting[self.new[number].key].pop(), number)

    def _near(self, left: list[int], new: list[int]) -> Iterable[tuple[int, int]]:
        """The pairs of new blocks with the old ones around the place where the block before them was found."""
        place = 0
        for number in new:
            if number in self.found:
                place = bisect_left(left, self.found[number])
            else:
                for other in left[max(place - WINDOW, 0) : place + WINDOW]:
                    yield other, number
                place += 1

    def _sharing(self, left: list[int], right: list[int]) -> Iterable[tuple[int, int]]:
        """The pairs that share a word which few of the old ones have; of each new one the ten that share most."""
        having: dict[str, list[int]] = defaultdict(list)
        for number in left:
            for word in self.old[number].rare:
                having[word].append(number)
        for number in right:
            shared: Counter[int] = Counter()
            for word in self.new[number].rare:
                if len(having.get(word, ())) <= MANY:
                    shared.update(having.get(word, ()))
            for other, _ in shared.most_common(10):
                yield other, number

    def _alike(
        self, pairs: Iterable[tuple[int, int]], least: float, places: dict[str, dict[int, float]] | None
    ) -> None:
        scored = []
        for old, new in pairs:
            score = likeness(self.old[old], self.new[new])
            if score >= least:
                near = NEAR * (1 - abs(places["old"][old] - places["new"][new])) if places else 0.0
                scored.append((score + near, old, new))
        for _, old, new in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
            self._take(old, new)


def pair_scenes(
    old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]], before: Sequence[Entry], after: Sequence[Entry]
) -> dict[int, int]:
    """Return for each new scene the old one it was. `old` and `new` are headings and titles."""
    of_old, of_new = _features(old, before), _features(new, after)
    sums_old, sums_new = (
        [sum(features.values()) for features in of_old],
        [sum(features.values()) for features in of_new],
    )
    scored = []
    for scene, other, weight in _shared(of_old, of_new):
        same = bool(old[other][0]) and _heading(old[other][0]) == _heading(new[scene][0])
        if same or weight >= SCENES_ALIKE * min(sums_old[other], sums_new[scene]):
            scored.append((weight, -abs(scene - other), scene, other))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, scene, other in sorted(scored, reverse=True):
        if scene not in pairs and other not in taken:
            pairs[scene] = other
            taken.add(other)
    return pairs


def _shared(old: list[Features], new: list[Features]) -> Iterable[tuple[int, int, float]]:
    """The pairs of a new and an old scene with the weight of what both have; what many have weighs less."""
    having: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for scene, features in enumerate(old):
        for feature in features:
            having[feature].append(scene)
    spread = Counter(feature for features in new for feature in features)
    for scene, features in enumerate(new):
        shared: dict[int, float] = defaultdict(float)
        for feature, weight in features.items():
            others = having.get(feature, ())
            # a word of all scenes tells nothing, and would take time that grows with the square of their number
            if len(others) <= MANY or (feature[0] == "heading" and len(others) * spread[feature] <= MOST_PAIRS):
                for other in others:
                    shared[other] += weight / max(len(others), spread[feature])
        for other, weight in shared.items():
            yield scene, other, weight


def _features(scenes: Sequence[tuple[str, str]], blocks: Sequence[Entry]) -> list[Features]:
    """What each scene is known by: its heading, its title, its lines, its words."""
    found: list[Features] = []
    for heading, title in scenes:
        features: Features = {("heading", _heading(heading)): HEADING} if heading else {}
        if title:
            features["title", title.casefold()] = HEADING
        found.append(features)
    for block in blocks:
        found[block.scene][("line", *block.key)] = float(min(len(block.text), 200))
        for word in block.rare:
            found[block.scene].setdefault(("word", word), float(len(word)))
    return found


def _heading(heading: str) -> str:
    return " ".join(words.words(heading))
