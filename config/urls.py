"""Every route of the site."""

from django.contrib import admin
from django.urls import include, path

from config.api import api
from config.health import healthz

admin.site.site_title = admin.site.site_header = "Storyreel console"
admin.site.index_title = "Clips, scenes and people"

urlpatterns = [
    path("", include("scenes.urls")),
    path("", include("videogen.urls")),
    path("", include("accounts.urls")),
    path("healthz", healthz, name="healthz"),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]

handler400 = "scenes.views.errors.bad_request"
handler403 = "scenes.views.errors.forbidden"
handler404 = "scenes.views.errors.not_found"
handler500 = "scenes.views.errors.server_error"
