"""The operator's own words in letters."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from billing_site.db.sql import run_sql_file


class Migration(migrations.Migration):
    """The operator's own words in letters, and which of them a letter carries."""

    dependencies = [
        ("subscribers", "0020_month_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=64)),
                ("subjects", models.JSONField(default=dict)),
                ("texts", models.JSONField(default=dict)),
                ("places", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("PUBLISHED", "Published")], default="DRAFT", max_length=16
                    ),
                ),
                ("published_n", models.PositiveIntegerField(blank=True, null=True, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="DRAFT", published_n__isnull=True, published_by__isnull=True)
                        | Q(state="PUBLISHED", published_n__isnull=False, published_by__isnull=False),
                        name="subscribers_lettertext_published_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(published_by__isnull=True) | ~Q(published_by=F("created_by")),
                        name="subscribers_lettertext_second_person",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="letter_text",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscribers.lettertext",
            ),
        ),
        run_sql_file("subscribers", "0021_letter_texts"),
    ]
