"""The worker hands the layers of a video's frames to a pipeline that takes them."""

from django.core.files.base import ContentFile

from scenes import layers
from tests.fixtures.layered import place, somebody
from videogen.models import Frame
from videogen.worker import references


def test_layers_of_a_frame_are_read_and_a_broken_or_missing_file_is_one_plane(start_frame, tmp_path):
    """Catches a clip that fails because a file of layers is gone: the flat picture is still there."""
    frame = start_frame
    assert references.layers_of(None) is None
    assert references.layers_of(frame) is None
    path = tmp_path / "frame.layers"
    with path.open("wb") as file:
        layers.write(place(somebody(150, 165)), file)
    frame.layers.save("a.layers", ContentFile(path.read_bytes()))
    found = references.layers_of(Frame.objects.get(pk=frame.pk))
    assert found is not None
    assert [layer.kind for layer in found.layers] == ["sky", "far", "middle", "ground", "figure"]
    frame.layers.save("b.layers", ContentFile(b"nothing"))
    broken = Frame.objects.get(pk=frame.pk)
    assert references.layers_of(broken) is None
    broken.layers.storage.delete(broken.layers.name)
    assert references.layers_of(Frame.objects.get(pk=frame.pk)) is None
