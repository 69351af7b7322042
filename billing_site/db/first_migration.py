"""
All migrations on an empty database, ten times faster than Django alone runs them.

Django makes the classes of nearly all models anew after each of some thousand operations, because nearly all of them
are related. An operation looks at one model, and of its relations only at their keys: here these alone are made, when
an operation asks for them.
"""

from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration, operations
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import AppConfigStub, ModelState, ProjectState, StateApps
from django.db.migrations.utils import resolve_relation
from django.db.models import Field, Model

Key = tuple[str, str]

# These look at their model and at what it refers to.
ADDING = (operations.CreateModel, operations.AddField, operations.AddIndex, operations.AddConstraint,
          operations.RemoveConstraint, operations.RemoveIndex, operations.RunSQL)  # fmt: skip
# These look at what refers to their model too. Whatever is in neither list may look at anything.
CHANGING = (operations.AlterField, operations.RenameField, operations.RemoveField)
# What an option says of fields that the shape of a referred model does not have.
OF_FIELDS = ("indexes", "constraints", "unique_together", "order_with_respect_to")


def migrate_empty(connection: BaseDatabaseWrapper, progress: Callable[..., None] | None = None) -> None:
    """
    Run every migration on a database that has none yet; its tables are then those that Django's way makes.

    Does nothing where migrations ran already, or where they contradict each other: that is Django's to say.

    :param progress: is told of each migration, as Django's executor does
    """
    executor = _Executor(connection, progress)
    if not executor.recorder.has_table() and not executor.loader.detect_conflicts():
        executor.migrate(executor.loader.graph.leaf_nodes())


class _Executor(MigrationExecutor):
    """Runs migrations over states that make few classes."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:  # noqa: FBT001, FBT002  Django's own signature
        return _State(real_apps=self.loader.unmigrated_apps)

    def apply_migration(
        self,
        state: ProjectState,
        migration: Migration,
        fake: bool = False,  # noqa: FBT001, FBT002  Django's own signature
        fake_initial: bool = False,  # noqa: FBT001, FBT002
    ) -> ProjectState:
        """Choose by the migration's operations how much is made, then apply it."""
        assert isinstance(state, _State)
        known = all(isinstance(one, (*ADDING, *CHANGING)) for one in migration.operations)
        state.makes_all = not known
        state.makes_referring = not all(isinstance(one, ADDING) for one in migration.operations)
        return super().apply_migration(state, migration, fake, fake_initial)


class _Models(dict[Key, ModelState]):
    """Models of a state, each copied when it is first asked for after a snapshot: whoever asks may change it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._own: set[Key] = set()

    def snapshot(self) -> "_Models":
        """Return what is now; from now on none of that is changed here."""
        self._own = set()
        return _Models(self)

    def __getitem__(self, key: Key) -> ModelState:
        if key not in self._own:
            self[key] = super().__getitem__(key).clone()
        return super().__getitem__(key)

    def __setitem__(self, key: Key, model: ModelState) -> None:
        super().__setitem__(key, model)
        self._own.add(key)


class _State(ProjectState):
    """A state that never keeps made classes while it changes."""

    models: _Models
    makes_all = makes_referring = False

    def __init__(self, models: Any = None, real_apps: set[str] | None = None) -> None:
        super().__init__(None, real_apps)
        self.models = _Models(models or {})
        self._made: StateApps | None = None

    def clone(self) -> "_State":
        """Return what is now; Django does so before it changes a state."""
        self._made = None
        copy = _State(real_apps=self.real_apps)
        copy.models = self.models.snapshot()
        copy.makes_all, copy.makes_referring = self.makes_all, self.makes_referring
        return copy

    @property
    def apps(self) -> StateApps:
        """Make classes on demand, or all of them where an operation may look at any."""
        if self._made is None:
            self._made = StateApps(list(self.real_apps), dict(self.models)) if self.makes_all else _Few(self)
        return self._made


class _Few(StateApps):
    """A registry that makes a model when it is asked for, and of each that it refers to no more than the keys."""

    def __init__(self, state: _State) -> None:
        Apps.__init__(self, [AppConfigStub(label) for label in sorted({label for label, _name in state.models})])
        # As Django's own: these get in the way of copying.
        self._lock = self.ready_event = None  # type: ignore[assignment]
        self.real_models: list[ModelState] = []
        self._state = state
        self._whole: set[Key] = set()

    def get_model(self, app_label: str, model_name: str | None = None, require_ready: bool = True) -> type[Model]:  # noqa: FBT001, FBT002  Django's own signature
        """
        Make the model if it is not there.

        :raises LookupError: there is no such model; or it is a relation of one that was asked for, and so not whole
        """
        label, name = (app_label, model_name) if model_name is not None else app_label.split(".")
        key = label, name.lower()
        # Not while models are made: then the bases must have been made before.
        if self.ready and key in self._state.models and key not in self._whole:
            if key[1] in self.all_models[label]:
                raise LookupError(f"{label}.{name} was made as a relation only.")
            self._whole.add(key)
            self.render_multiple(list(self._asked_with_relations(key).values()))
        return super().get_model(label, name, require_ready)

    def _asked_with_relations(self, asked: Key) -> dict[Key, ModelState]:
        state = dict.__getitem__(self._state.models, asked)
        made = {asked: state}
        waiting = _related_to(asked, state)
        if self._state.makes_referring:
            waiting |= {key: {asked} for key in self._state.relations.get(asked, {})}
        while waiting:
            key, towards = waiting.popitem()
            if key not in made and key in self._state.models:
                made[key] = _keys_of(key, dict.__getitem__(self._state.models, key), towards=towards)
                waiting = {**_related_to(key, made[key]), **waiting}
        return made


def _keys_of(key: Key, state: ModelState, *, towards: set[Key]) -> ModelState:
    """Return a model with what others may refer to, and with its own relations to some models."""

    def is_needed(field: "Field[Any, Any]") -> bool:
        may_be_named = field.primary_key or (field.unique and not field.is_relation)
        return may_be_named or not towards.isdisjoint(_relations_of(key, field))

    return ModelState(
        state.app_label,
        state.name,
        {name: field for name, field in state.fields.items() if is_needed(field)},
        {name: value for name, value in state.options.items() if name not in OF_FIELDS},
        state.bases,
    )


def _related_to(key: Key, state: ModelState) -> dict[Key, set[Key]]:
    """Return the models that a model needs: bases, what it refers to, what stands between; and the ends of these."""
    needed: dict[Key, set[Key]] = {resolve_relation(base): set() for base in state.bases if isinstance(base, str)}
    for field in state.fields.values():
        ends = _relations_of(key, field)
        for end in ends:
            needed.setdefault(end, set()).update({key, *ends} if getattr(field.remote_field, "through", None) else ())
    return needed


def _relations_of(key: Key, field: "Field[Any, Any]") -> list[Key]:
    """Return which models a field of a model names."""
    remote = field.remote_field
    named = [one for one in (getattr(remote, "model", None), getattr(remote, "through", None)) if one]
    return [resolve_relation(one, *key) for one in named]
