"""A key to an upper app would be an import in disguise: keys point down, and leave no way back up."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

# Below and above, in the order in which money is made.
RANKS = {
    label: rank
    for rank, labels in enumerate(
        [
            ("db",),
            ("jobs",),
            ("identity",),
            ("ledger", "audit"),
            ("documents",),
            ("web",),
            ("tariffs",),
            ("subscribers",),
            ("rating",),
            ("invoicing",),
            ("payments",),
            ("reconciliation",),
            ("reports",),
            ("portal",),
            ("console",),
        ]
    )
    for label in labels
}


def _crossing() -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or model._meta.app_label not in RANKS:
                continue
            if _app_of(field.related_model) != model._meta.app_label:
                yield field


def _app_of(model: Any) -> str:
    return str(model._meta.app_label)


def test_every_app_of_ours_has_a_rank():
    ours = {
        config.label
        for config in apps.get_app_configs()
        if not config.name.startswith(("django", "axes", "rest", "djm", "anymail"))
    }

    assert ours == set(RANKS)


def test_foreign_keys_between_apps_point_down():
    wrong = [str(field) for field in _crossing() if RANKS[_app_of(field.related_model)] >= RANKS[_app_of(field.model)]]

    assert list(_crossing())
    assert wrong == []


def test_foreign_keys_between_apps_are_hidden():
    assert [str(field) for field in _crossing() if not field.remote_field.hidden] == []


# The memory of a form that was sent goes with the person who sent it.
MAY_GO = {"web.Submission"}


def test_foreign_keys_never_cascade_in_the_database():
    """A deletion that cascades would remove rows on which nobody has the right to delete."""
    cascading = [
        str(field)
        for model in apps.get_models()
        if model._meta.app_label in RANKS and model._meta.label not in MAY_GO
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
    ]

    assert cascading == []
