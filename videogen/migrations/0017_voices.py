import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scenes", "0009_voices"), ("videogen", "0016_frame_layers")]

    operations = [
        migrations.AddField(
            model_name="video",
            name="line_seconds",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="video",
            name="line_note",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.CreateModel(
            name="VoiceSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("line", models.JSONField()),
                ("sound", models.BinaryField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(db_index=True)),
                (
                    "character",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="voice_samples",
                        to="scenes.character",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("character", "key"), name="voice_sample_once"),
                ],
            },
        ),
    ]
