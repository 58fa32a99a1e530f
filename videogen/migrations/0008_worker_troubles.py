from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videogen", "0007_take_number")]

    operations = [
        migrations.AddField("worker", "dropped_messages", models.PositiveIntegerField(default=0)),
        migrations.AddField("worker", "trouble", models.CharField(blank=True, max_length=300)),
        migrations.AddField("worker", "fault", models.CharField(blank=True, max_length=300)),
        migrations.CreateModel(
            "PeriodicRun",
            [
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
