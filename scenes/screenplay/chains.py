"""Which spoken blocks stand under one cue, as a writer would put them."""

from collections.abc import Iterable, Iterator

from scenes.screenplay.document import BlockText, Note, SceneText

Part = Note | list[BlockText]


def parts(scene: SceneText) -> Iterator[Part]:
    """Yield a scene's notes and blocks in order; blocks that one cue is enough for together."""
    notes = list(scene.notes)
    chain: list[BlockText] = []
    for index, block in enumerate(scene.blocks):
        due = [note for note in notes if note.after == index]
        if chain and (due or not _goes_on(chain[-1], block)):
            yield chain
            chain = []
        yield from due
        chain.append(block)
    if chain:
        yield chain
    yield from (note for note in notes if note.after == len(scene.blocks))


def duals(chains: Iterable[list[BlockText]]) -> list[list[list[BlockText]]]:
    """Group chains that are spoken at the same time: the second of a group and all after it are dual."""
    groups: list[list[list[BlockText]]] = []
    for chain in chains:
        if chain[0].dual and groups:
            groups[-1].append(chain)
        else:
            groups.append([chain])
    return groups


def _goes_on(before: BlockText, block: BlockText) -> bool:
    """Whether a parenthetical is enough to tell a block from the one before it."""
    return (
        block.kind == "dialog"
        and bool(block.parenthetical)
        and (block.speaker, block.extensions, block.dual) == (before.speaker, before.extensions, before.dual)
    )
