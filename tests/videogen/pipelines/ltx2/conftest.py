import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tensors this small are not worth a second thread, and other tests run beside these."""
    import torch

    torch.set_num_threads(1)
