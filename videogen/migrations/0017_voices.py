from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videogen", "0014_shortcuts")]

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
    ]
