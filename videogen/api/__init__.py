"""The HTTP API of frames, videos and prompts: the same actions as the web views, for programs."""

from ninja import Router

from videogen.api import frames, prompts, scenes, videos

router = Router()
for part in (scenes, frames, videos, prompts):
    router.add_router("", part.router)
