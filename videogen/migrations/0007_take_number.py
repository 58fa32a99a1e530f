"""Takes get the numbers people know them by: in the order in which they were made, and kept from now on."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def number_takes(apps, schema_editor):
    Video = apps.get_model("videogen", "Video")
    takes = Video.objects.filter(status="succeeded").order_by("block_id", "created_at", "pk")
    block, number = None, 0
    for pk, block_id in takes.values_list("pk", "block_id"):
        block, number = block_id, number + 1 if block_id == block else 1
        Video.objects.filter(pk=pk).update(number=number)


def count_takes(apps, schema_editor):
    Video, TakeCount = apps.get_model("videogen", "Video"), apps.get_model("videogen", "TakeCount")
    takes = Video.objects.filter(number__isnull=False).order_by().values("block_id")
    for row in takes.annotate(highest=models.Max("number")):
        TakeCount.objects.create(block_id=row["block_id"], given=row["highest"])


class Migration(migrations.Migration):
    dependencies = [("scenes", "0001_initial"), ("videogen", "0006_plain_words")]

    operations = [
        migrations.AddField("video", "number", models.PositiveIntegerField(blank=True, editable=False, null=True)),
        migrations.RunPython(number_takes, migrations.RunPython.noop),
        migrations.AddConstraint(
            "video", models.UniqueConstraint(fields=["block", "number"], name="video_number_once")
        ),
        migrations.AddConstraint(
            "video",
            models.CheckConstraint(
                name="video_succeeded_has_number",
                condition=(Q(status="succeeded") & Q(number__isnull=False)) | (~Q(status="succeeded") & Q(number__isnull=True)),
            ),
        ),
        migrations.AlterField(
            "promptrewrite",
            "optimizer",
            models.CharField(
                choices=[
                    ("llm", "Language model"),
                    ("encoder", "The video model’s own text encoder"),
                    ("composer", "By fixed rules: camera, looks and sounds in their places"),
                ],
                max_length=10,
            ),
        ),
        # Last, with its rows: PostgreSQL alters no table in a transaction that has just written rows of foreign keys.
        migrations.CreateModel(
            name="TakeCount",
            fields=[
                (
                    "block",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="scenes.block",
                    ),
                ),
                ("given", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.RunPython(count_takes, migrations.RunPython.noop),
    ]
