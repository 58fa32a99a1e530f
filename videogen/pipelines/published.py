"""What is known of a checkpoint before it is here: its size and its licence, as its makers publish them."""

from dataclasses import dataclass

from videogen.pipelines.config import DEFAULT_FLUX, DEFAULT_LTX, DEFAULT_LTX_DISTILLED, Checkpoint, ModelSettings

LTX_LICENCE = "LTX-2 Community License Agreement"


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint as published. field: of ModelSettings. source: the repository that size and licence are of."""

    field: str
    label: str
    source: str
    size: int  # bytes on the disk, about
    licence: str
    demands: str = ""  # of the licence, what whoever publishes clips has to do

    @property
    def named(self) -> Checkpoint:
        """What the setting names, which may be another repository, or a folder."""
        checkpoint: Checkpoint = getattr(ModelSettings.read(), self.field)
        return checkpoint

    @property
    def is_named(self) -> bool:
        """Whether the setting names the repository that size and licence are of."""
        return self.named.source == self.source


PUBLISHED = {
    published.field: published
    for published in (
        Published("ltx", "LTX-2.3", DEFAULT_LTX, 101 * 10**9, LTX_LICENCE),
        Published("ltx_distilled", "LTX-2.3 distilled", DEFAULT_LTX_DISTILLED, 101 * 10**9, LTX_LICENCE),
        Published("flux", "FLUX.2 klein", DEFAULT_FLUX, 16 * 10**9, "Apache License 2.0"),
    )
}
