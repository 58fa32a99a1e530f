from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scenes", "0008_names")]

    operations = [
        migrations.AddField(
            model_name="character",
            name="voice_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("child", "Child"),
                    ("woman", "Woman"),
                    ("man", "Man"),
                    ("old_woman", "Old woman"),
                    ("old_man", "Old man"),
                ],
                default="",
                max_length=20,
                verbose_name="kind of voice",
            ),
        ),
        migrations.AddField(
            model_name="character",
            name="voice_pitch",
            field=models.SmallIntegerField(default=0, verbose_name="pitch"),
        ),
        migrations.AddField(
            model_name="character",
            name="voice_pace",
            field=models.PositiveSmallIntegerField(default=100, verbose_name="pace"),
        ),
        migrations.AddField(
            model_name="character",
            name="voice_engine",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="speaker"),
        ),
        migrations.AddConstraint(
            model_name="character",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voice_pitch__gte", -12),
                    ("voice_pitch__lte", 12),
                    ("voice_pace__gte", 50),
                    ("voice_pace__lte", 200),
                ),
                name="character_voice_within_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="character",
            constraint=models.CheckConstraint(
                condition=models.Q(("voice_kind__in", ["", "child", "woman", "man", "old_woman", "old_man"])),
                name="character_voice_kind_valid",
            ),
        ),
    ]
