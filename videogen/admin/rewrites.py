"""Rewrites of prompts in the operator's console."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scenes.admin.watched import HistoryAdmin
from videogen.admin.jobs import JobAdmin
from videogen.models import PromptRewrite


@admin.register(PromptRewrite)
class PromptRewriteAdmin(JobAdmin, HistoryAdmin):
    """What Optimize Prompt was given, what it gave back, and why it gave nothing."""

    list_display = ["typed", "dialog_step", "made_by", "status", "error", "requested_by", "created_at", "took"]
    list_filter: ClassVar[list[Any]] = ["status", "optimizer", "model", "error_code", "requested_by", "block__scene"]
    list_select_related = ["block__scene", "requested_by"]
    search_fields = ["id", "typed", "result", "worker", "error_code", "requested_by__username"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["block", "dialog_step", "typed", "result", "status", "error"]}),
        (_("How it went"), {"fields": ["made_by", "version", *JobAdmin.RUN]}),
    ]
