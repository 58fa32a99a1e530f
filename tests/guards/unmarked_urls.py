"""A site with a forgotten route, for the guard that must see it."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("forgotten/", forgotten, name="scenes"), path("admin/", admin.site.urls)]
