"""The routes of the dialog, under /scenes/<scene_id>/blocks/<block_id>/clip/."""

from django.urls import include, path, register_converter

from videogen.views import blocks, frames, media, prompts, steps, videos


class RoleConverter:
    """start or end: the frame of a step."""

    regex = "start|end"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class StepConverter(RoleConverter):
    """One of the three steps."""

    regex = "start|end|video"


register_converter(RoleConverter, "role")
register_converter(StepConverter, "step")

clip_patterns = [
    path("", steps.clip, name="clip"),
    path("panel/", steps.clip_panel, name="clip_panel"),
    path("start/", steps.frame_step, {"step": "start"}, name="clip_start"),
    path("end/", steps.frame_step, {"step": "end"}, name="clip_end"),
    path("video/", steps.video_step, {"step": "video"}, name="clip_video"),
    path("<step:step>/panel/", steps.step_panel, name="clip_step_panel"),
    path("<step:step>/stage/", steps.step_stage, name="clip_stage"),
    path("<step:step>/card/", steps.step_card, name="clip_card"),
    path("<step:step>/prompt/", steps.compose_prompt, name="clip_prompt"),
    path("<role:step>/optimize/", prompts.optimize_frame_or_look, name="clip_optimize_frame"),
    path("<role:step>/optimize/cancel/", prompts.cancel_frame, name="clip_cancel_rewrite_frame"),
    path("video/optimize/", prompts.optimize_video_or_look, {"step": "video"}, name="clip_optimize_video"),
    path("video/optimize/cancel/", prompts.cancel_video, {"step": "video"}, name="clip_cancel_rewrite_video"),
    path("<role:step>/upload/", frames.upload, name="clip_upload"),
    path("<role:step>/from-clip/", frames.from_clip, name="clip_from_clip"),
    path("<role:step>/cancel/", frames.cancel, name="clip_cancel_frame"),
    path("<role:step>/frames/<uuid:frame_id>/choose/", frames.choose, name="clip_choose_frame"),
    path("<role:step>/frames/<uuid:frame_id>/delete/", frames.delete, name="clip_delete_frame"),
    path("video/estimate/", steps.estimate, name="clip_estimate"),
    path("video/cancel/", videos.cancel, name="clip_cancel_video"),
    path("video/takes/<uuid:video_id>/choose/", videos.choose_take, name="clip_choose_take"),
    path("video/takes/<uuid:video_id>/again/", videos.again, name="clip_again"),
    path("video/takes/<uuid:video_id>/delete/", videos.delete_take, name="clip_delete_take"),
    path("videos/<uuid:video_id>/clip.mp4", media.clip_file, name="clip_file"),
    path("videos/<uuid:video_id>/poster", media.clip_poster, name="clip_poster"),
    path("frames/<uuid:frame_id>/picture", media.frame_picture, name="frame_picture"),
    path("frames/<uuid:frame_id>/thumbnail", media.frame_thumbnail, name="frame_thumbnail"),
]

urlpatterns = [
    path("scenes/<uuid:scene_id>/blocks/<uuid:block_id>/state/", blocks.block_state, name="block_state"),
    path("scenes/<uuid:scene_id>/blocks/<uuid:block_id>/clip/", include(clip_patterns)),
]
