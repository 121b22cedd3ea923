from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_routing_and_escalation")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="managers_read_conversations",
            field=models.BooleanField(default=True, db_default=True, verbose_name="managers read conversations"),
        )
    ]
