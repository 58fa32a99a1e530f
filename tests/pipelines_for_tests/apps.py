from django.apps import AppConfig

from videogen.pipelines import FRAME_MODELS, VIDEO_MODELS, Model

HERE = "tests.pipelines_for_tests.slow"


class PipelinesForTestsConfig(AppConfig):
    name = "tests.pipelines_for_tests"

    def ready(self) -> None:
        for name in ("slow", "failing", "crashing", "hungry"):
            path = f"{HERE}.{name.capitalize()}Video"
            VIDEO_MODELS[name] = Model(name=name, makes="video", label=name.capitalize(), summary="a test", path=path)
        FRAME_MODELS["slow"] = Model(
            name="slow", makes="frame", label="Slow", summary="a test", path=f"{HERE}.SlowFrame"
        )
