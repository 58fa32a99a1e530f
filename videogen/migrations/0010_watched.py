from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videogen", "0009_installation")]

    operations = [
        migrations.AddField("worker", "memory_free", models.BigIntegerField(null=True)),
        migrations.AddField("periodicrun", "count", models.PositiveIntegerField(null=True)),
        migrations.AddIndex("event", models.Index(fields=["to_status", "note"], name="videogen_ev_to_stat_fc158d_idx")),
    ]
