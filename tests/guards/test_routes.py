"""Every route says who may pass it, and the system check sees the one that does not."""

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, include, path
from ninja import NinjaAPI

from config.checks import unmarked_routes
from scenes.access import policy, public, scene, signed_in
from tests.guards.unmarked_urls import forgotten


def test_no_route_of_the_site_is_unmarked():
    assert list(unmarked_routes(get_resolver().url_patterns)) == []


def test_the_check_runs_with_all_others():
    assert [found for found in run_checks() if found.id == "storyreel.E001"] == []


def test_an_unmarked_view_is_named_by_its_route():
    @public
    def marked(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    deep = include([path("<uuid:scene_id>/forgotten/", forgotten), path("marked/", marked)])
    assert list(unmarked_routes([path("deep/", deep)])) == ["deep/<uuid:scene_id>/forgotten/"]


@pytest.mark.parametrize("gate", [public, signed_in, scene(), policy("anything said")])
def test_a_view_behind_any_gate_is_marked(gate):
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert list(unmarked_routes([path("here/", gate(view))])) == []


def test_an_operation_of_an_api_is_named_with_its_verb():
    api = NinjaAPI(urls_namespace="guard-of-routes", docs_url=None, openapi_url=None)

    @api.get("/marked")
    @public
    def marked(request: HttpRequest) -> dict[str, str]:
        return {}

    @api.delete("/marked")
    def unmarked(request: HttpRequest) -> dict[str, str]:
        return {}

    assert set(unmarked_routes([path("api/", api.urls)])) == {"DELETE api/marked", "api/"}


@pytest.mark.urls("tests.guards.unmarked_urls")
def test_manage_py_check_fails_for_an_unmarked_route():
    errors = [found for found in run_checks() if found.id == "storyreel.E001"]
    assert [found.msg for found in errors] == ["The route 'forgotten/' does not say who may pass it."]
    assert "scenes.access" in errors[0].hint
