"""Who approved, marked and locked which take of a block, and when."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from api.camel import CamelSchema
from api.openapi import responses
from api.paths import PER_PAGE, BlockId, Page, PageSize, SceneId, rows_of
from scenes import access
from videogen import models, review

router = Router(tags=["Takes"])

ReviewWord = Literal["none", "for_review", "retake", "approved"]


class ReviewChange(CamelSchema):
    """What somebody said of a take. number: the take's. was, review: before and after.

    They are the same where only the lock was changed; locked: afterwards. by: the name that the person had.
    """

    id: int
    take_id: UUID
    number: int
    was: ReviewWord
    review: ReviewWord
    locked: bool
    by: str
    at: datetime

    @classmethod
    def of(cls, row: models.ReviewEvent) -> Self:
        """Convert a change."""
        same = ("take_id", "number", "was", "review", "locked", "at")
        return cls(id=row.pk, by=row.actor_name, **{name: getattr(row, name) for name in same})


class ReviewPage(CamelSchema):
    """One page of what was said of a block's takes, the latest first. count: of all pages together."""

    count: int
    page: int
    page_size: int
    items: list[ReviewChange]


@router.get(
    "/scenes/{uuid:sceneId}/blocks/{uuid:blockId}/reviews",
    response=ReviewPage,
    by_alias=True,
    operation_id="listReviews",
    summary="List who approved which take",
    openapi_extra=responses(401, 404, 422),
)
@access.policy("block:view_scene")
def list_reviews(
    request: HttpRequest, scene_id: SceneId, block_id: BlockId, page: Page = 1, page_size: PageSize = PER_PAGE
) -> ReviewPage:
    """List who approved, marked or locked which take of a block and when, also of takes and people that are gone."""
    events = review.history(access.get_block(request.user, scene_id, block_id).pk)
    items = [ReviewChange.of(row) for row in events[rows_of(page, page_size)]]
    return ReviewPage(count=events.count(), page=page, page_size=page_size, items=items)
