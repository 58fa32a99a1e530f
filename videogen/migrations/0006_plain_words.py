"""Columns by their plain names. The rows stay as they are."""

from django.db import migrations, models
from django.db.models import Q

KINDS = ("frame", "video", "promptrewrite")
LIVE = ("queued", "running")


class Migration(migrations.Migration):
    dependencies = [("videogen", "0005_checkpoint")]

    operations = [
        *(migrations.RenameField(kind, "losses", "lost_attempts") for kind in KINDS),
        *(migrations.RenameField(kind, "work", "pixel_steps") for kind in KINDS),
        # The step of the dialog that a prompt was typed in; its constraints and its index name the column.
        migrations.RemoveConstraint("promptrewrite", "prompt_target_valid"),
        migrations.RemoveConstraint("promptrewrite", "prompt_one_live"),
        migrations.RemoveIndex("promptrewrite", "videogen_pr_block_i_5cb2f3_idx"),
        migrations.RenameField("promptrewrite", "target", "dialog_step"),
        migrations.AddIndex(
            "promptrewrite",
            models.Index(fields=["block", "dialog_step", "-created_at"], name="videogen_pr_block_i_bd724f_idx"),
        ),
        migrations.AddConstraint(
            "promptrewrite",
            models.CheckConstraint(
                name="prompt_step_valid", condition=Q(dialog_step__in=["start", "end", "video"])
            ),
        ),
        migrations.AddConstraint(
            "promptrewrite",
            models.UniqueConstraint(
                fields=["block", "dialog_step"], name="prompt_one_live", condition=Q(status__in=LIVE)
            ),
        ),
    ]
