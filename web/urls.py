"""Every page and fragment. The dialog's are under /scenes/<scene_id>/blocks/<block_id>/clip/."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from web.views import (
    account,
    batches,
    blocks,
    exports,
    film_scenes,
    films,
    frames,
    guest,
    guest_links,
    left_out,
    library,
    media,
    notes,
    people,
    pictures,
    play,
    prompts,
    scene_page,
    scene_words,
    screenplays,
    sign_in,
    steps,
    takes,
    timelines,
    tokens,
    videos,
    voices,
)


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


class WayConverter(RoleConverter):
    """Towards the beginning of a film, or towards its end."""

    regex = "earlier|later"


class FormConverter(RoleConverter):
    """The file format of a screenplay."""

    regex = "fountain|fdx"


class ShelfConverter(RoleConverter):
    """The characters of a film, or its locations."""

    regex = "cast|locations"


register_converter(FormConverter, "form")
register_converter(ShelfConverter, "shelf")
register_converter(RoleConverter, "role")
register_converter(WayConverter, "way")
register_converter(StepConverter, "step")

Patterns = list[URLPattern | URLResolver]


def people_patterns(kind: str) -> Patterns:
    """Return the routes of who may do what with a film, scene or block."""
    return [
        path("", people.page[kind], name=f"{kind}_people"),
        path("panel/", people.panel[kind], name=f"{kind}_people_panel"),
        path("search/", people.search[kind], name=f"{kind}_people_search"),
        path("add/", people.add[kind], name=f"{kind}_people_add"),
        path("change/", people.change[kind], name=f"{kind}_people_change"),
        path("ask/", people.ask[kind], name=f"{kind}_people_ask"),
    ]


clip_patterns: Patterns = [
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
    path("video/split/", steps.split_line, name="clip_split_line"),
    path("video/cancel/", videos.cancel, name="clip_cancel_video"),
    path("video/takes/<uuid:video_id>/choose/", videos.choose_take, name="clip_choose_take"),
    path("video/takes/<uuid:video_id>/again/", videos.again, name="clip_again"),
    path("video/takes/<uuid:video_id>/delete/", videos.delete_take, name="clip_delete_take"),
    path("video/takes/<uuid:video_id>/review/", takes.review_take, name="clip_review_take"),
    path("video/takes/<uuid:video_id>/restore/", takes.restore_take, name="clip_restore_take"),
    path("video/takes/<uuid:video_id>/notes/", notes.write_note, name="clip_write_note"),
    path("video/takes/<uuid:video_id>/notes/<int:note_id>/tick/", notes.tick_note, name="clip_tick_note"),
    path("video/takes/compare/", takes.compare, name="clip_compare"),
    path("video/takes/compare/<uuid:video_id>/review/", takes.review_compared, name="clip_review_compared"),
    path("videos/<uuid:video_id>/clip.mp4", media.clip_file, name="clip_file"),
    path("videos/<uuid:video_id>/notes.json", play.clip_notes, name="clip_notes"),
    path("line.wav", play.line_sound, name="line_sound"),
    path("videos/<uuid:video_id>/poster", media.clip_poster, name="clip_poster"),
    path("videos/<uuid:video_id>/preview", media.clip_preview, name="clip_preview"),
    path("start/again/<uuid:batch_id>/", batches.frame_again, name="frame_again"),
    path("frames/<uuid:frame_id>/picture", media.frame_picture, name="frame_picture"),
    path("frames/<uuid:frame_id>/thumbnail", media.frame_thumbnail, name="frame_thumbnail"),
]

scene_patterns: Patterns = [
    path("", scene_page.scene_page, name="scene"),
    path("edit/", scene_words.edit_scene, name="edit_scene"),
    path("play/", play.scene_play, name="scene_play"),
    path("plan/", batches.scene_plan, name="scene_plan"),
    path("plan/start/", batches.start_scene, name="start_scene"),
    path("left-out/", left_out.left_out_page, name="left_out"),
    path("left-out/link/", left_out.left_out_link, name="left_out_link"),
    path("left-out/<uuid:block_id>/put-back/", left_out.put_back, name="put_back"),
    path("counts/", scene_page.scene_counts, name="scene_counts"),
    path("location/picture/", pictures.location_picture, name="location_picture"),
    path("characters/<uuid:character_id>/portrait/", pictures.portrait, name="portrait"),
    path("blocks/<uuid:block_id>/state/", blocks.block_state, name="block_state"),
    path("blocks/<uuid:block_id>/clip/", include(clip_patterns)),
    path("blocks/<uuid:block_id>/people/", include(people_patterns("block"))),
    path("exports/", exports.scene_exports, name="scene_exports"),
    path("exports/timeline/", timelines.scene_timeline, name="scene_timeline"),
    path("exports/timeline/<uuid:timeline_id>/", timelines.scene_timeline_applied, name="scene_timeline_applied"),
    path("exports/timeline/<uuid:timeline_id>/undo/", timelines.undo_scene_timeline, name="undo_scene_timeline"),
    path("people/", include(people_patterns("scene"))),
    path("people/guest-links/", guest_links.make_link, name="scene_guest_links"),
    path("people/guest-links/<uuid:link_id>/revoke/", guest_links.revoke_link, name="revoke_guest_link"),
]

item_patterns: Patterns = [
    path("", library.item, name="library_item"),
    path("save/", library.save, name="item_save"),
    path("picture/", library.item_picture, name="item_picture"),
    path("picture/upload/", library.upload, name="item_upload"),
    path("picture/remove/", library.remove_picture, name="item_picture_remove"),
    path("merge/", library.merge, name="item_merge"),
    path("delete/", library.delete, name="item_delete"),
]

voice_patterns: Patterns = [
    path("", voices.hear, name="voice_hear"),
    path("<slug:key>/", voices.sample, name="voice_sample"),
    path("<slug:key>.wav", voices.sample_sound, name="voice_sound"),
]

film_patterns: Patterns = [
    path("", films.film_page, name="film"),
    path("play/", play.film_play, name="film_play"),
    path("plan/", batches.film_plan, name="film_plan"),
    path("plan/start/", batches.start_film, name="start_film"),
    path("edit/", films.edit_film, name="edit_film"),
    path("remove/", films.remove_film, name="remove_film"),
    path("restore/", films.restore_film, name="restore_film"),
    path("screenplay/", screenplays.film_screenplay, name="film_screenplay"),
    path("screenplay.<form:form>", screenplays.export_screenplay, name="export_screenplay"),
    path("screenplay/<uuid:revision_id>/", screenplays.film_revision, name="film_revision"),
    path("screenplay/<uuid:revision_id>/names/", screenplays.choose_names, name="choose_names"),
    path("screenplay/<uuid:revision_id>/apply/", screenplays.apply_revision, name="apply_revision"),
    path("screenplay/<uuid:revision_id>/undo/", screenplays.undo_revision, name="undo_revision"),
    path("screenplay/<uuid:revision_id>/forget/", screenplays.forget_revision, name="forget_revision"),
    path("cast/", library.shelf, {"shelf": "cast"}, name="film_cast"),
    path("locations/", library.shelf, {"shelf": "locations"}, name="film_locations"),
    path("<shelf:shelf>/add/", library.add, name="library_add"),
    path("<shelf:shelf>/<uuid:item_id>/", include(item_patterns)),
    path("cast/<uuid:item_id>/voice/", include(voice_patterns)),
    path("exports/", exports.film_exports, name="film_exports"),
    path("exports/timeline/", timelines.film_timeline, name="film_timeline"),
    path("exports/timeline/<uuid:timeline_id>/", timelines.film_timeline_applied, name="film_timeline_applied"),
    path("exports/timeline/<uuid:timeline_id>/undo/", timelines.undo_film_timeline, name="undo_film_timeline"),
    path("people/", include(people_patterns("film"))),
    path("scenes/", film_scenes.add_scene, name="add_scene"),
    path("scenes/order/", film_scenes.order_scenes, name="order_scenes"),
    path("scenes/<uuid:scene_id>/<way:way>/", film_scenes.move_scene, name="move_scene"),
    path("scenes/<uuid:scene_id>/duplicate/", film_scenes.duplicate_scene, name="duplicate_scene"),
    path("scenes/<uuid:scene_id>/remove/", film_scenes.remove_scene, name="remove_scene"),
    path("scenes/<uuid:scene_id>/restore/", film_scenes.restore_scene, name="restore_scene"),
]

guest_patterns: Patterns = [
    path("", guest.guest_scene, name="guest_scene"),
    path("play/", guest.guest_play, name="guest_play"),
    path("clips/<uuid:video_id>.mp4", guest.guest_clip, name="guest_clip"),
    path("clips/<uuid:video_id>/poster", guest.guest_poster, name="guest_poster"),
    path("clips/<uuid:video_id>/notes.json", guest.guest_clip_notes, name="guest_clip_notes"),
    path("clips/<uuid:video_id>/notes/", guest.guest_note, name="guest_note"),
    path("frames/<uuid:frame_id>/picture", guest.guest_frame, name="guest_frame"),
    path("lines/<uuid:block_id>.wav", guest.guest_line, name="guest_line"),
]

urlpatterns: Patterns = [
    path("", films.film_list, name="films"),
    path("films/new/", films.new_film, name="new_film"),
    path("films/<uuid:film_id>/", include(film_patterns)),
    path("scenes/<uuid:scene_id>/", include(scene_patterns)),
    path("batches/<uuid:batch_id>/", batches.batch_page, name="batch"),
    path("batches/<uuid:batch_id>/card/", batches.batch_card, name="batch_card"),
    path("batches/<uuid:batch_id>/cancel/", batches.cancel_batch, name="batch_cancel"),
    path("batches/<uuid:batch_id>/retry/", batches.retry_batch, name="batch_retry"),
    path("exports/<uuid:export_id>/card/", exports.export_card, name="export_card"),
    path("exports/<uuid:export_id>/stop/", exports.stop_export, name="stop_export"),
    path("exports/<uuid:export_id>/delete/", exports.delete_export, name="delete_export"),
    path("exports/<uuid:export_id>/file", exports.export_file, name="export_file"),
    path("guest/", guest.door, name="guest_door"),
    path("guest/<uuid:link_id>/", include(guest_patterns)),
    path("review/", takes.for_review, name="for_review"),
    path("requests/", people.requests, name="requests"),
    path("requests/<int:request_id>/", people.decide, name="request_decide"),
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("account/", account.account, name="account"),
    path("account/end-sessions/", account.end_sessions, name="end-sessions"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke-token"),
]
