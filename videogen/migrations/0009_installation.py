import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("videogen", "0008_worker_troubles")]

    operations = [
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('identity', models.UUIDField(default=uuid.uuid4, editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='installation_only_one')],
            },
        ),
    ]
