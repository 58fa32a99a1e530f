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
    size: int  # bytes on the disk, about; 0: not known
    licence: str
    demands: str = ""  # of the licence, what whoever publishes clips has to do

    @property
    def named(self) -> Checkpoint | None:
        """What the setting names, which may be another repository, or a folder; None where it is empty."""
        checkpoint: Checkpoint | None = getattr(ModelSettings.read(), self.field)
        return checkpoint

    @property
    def is_named(self) -> bool:
        """Whether the setting names the repository that size and licence are of; without a source, any is of them."""
        return self.named is not None and self.source in ("", self.named.source)


PUBLISHED = {
    published.field: published
    for published in (
        Published("ltx", "LTX-2.3", DEFAULT_LTX, 101 * 10**9, LTX_LICENCE),
        Published("ltx_distilled", "LTX-2.3 distilled", DEFAULT_LTX_DISTILLED, 101 * 10**9, LTX_LICENCE),
        Published(
            "ltx25", "LTX-2.5", "", 0, LTX_LICENCE, "It asks for marks of provenance on clips that are published."
        ),
        Published("flux", "FLUX.2 klein", DEFAULT_FLUX, 16 * 10**9, "Apache License 2.0"),
    )
}
