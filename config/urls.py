"""Every route of the site."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("", include("scenes.urls")),
    path("", include("accounts.urls")),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
