"""The routes of scenes, their pictures and their list."""

from django.urls import path

from scenes.views import pictures, scene_list, scene_page

urlpatterns = [
    path("", scene_list.scene_list, name="scenes"),
    path("scenes/<uuid:scene_id>/", scene_page.scene_page, name="scene"),
    path("scenes/<uuid:scene_id>/counts/", scene_page.scene_counts, name="scene_counts"),
    path("scenes/<uuid:scene_id>/location/picture/", pictures.location_picture, name="location_picture"),
    path("scenes/<uuid:scene_id>/characters/<uuid:character_id>/portrait/", pictures.portrait, name="portrait"),
]
