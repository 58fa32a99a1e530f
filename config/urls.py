"""Every route of the site."""

from django.contrib import admin
from django.urls import include, path

from api.site import api
from config.health import healthz
from config.metrics import metrics

urlpatterns = [
    path("", include("web.urls")),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]

handler400 = "web.views.errors.bad_request"
handler403 = "web.views.errors.forbidden"
handler404 = "web.views.errors.not_found"
handler500 = "web.views.errors.server_error"
