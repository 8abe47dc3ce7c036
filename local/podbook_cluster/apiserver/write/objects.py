"""Creates, changes and deletes objects by Kubernetes' rules; all writes pass here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from podbook_cluster.apiserver.schema import definitions
from podbook_cluster.apiserver.serve.served_resources import Catalog
from podbook_cluster.apiserver.storage import records
from podbook_cluster.apiserver.storage.records import Object, Record
from podbook_cluster.apiserver.storage.store import Store
from podbook_cluster.apiserver.terms import errors
from podbook_cluster.apiserver.terms.calls import Call, DeleteOptions
from podbook_cluster.apiserver.terms.resources import CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES
from podbook_cluster.apiserver.write import events, kinds, metadata, patches
from podbook_cluster.apiserver.write.admission import Admission

FOREGROUND: Final = "foregroundDeletion"

# etcd takes no more, so neither would a real API server.
OBJECT_LIMIT_BYTES: Final = 1_572_864

Edit = Callable[[Object], Object]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a DELETE did: `gone` is false where a finalizer or a grace period holds the object."""

    record: Record
    gone: bool


class Objects:
    """The rules between a request and the store. Nothing in here waits."""

    def __init__(self, store: Store, catalog: Catalog, admission: Admission) -> None:
        self._store = store
        self._catalog = catalog
        self._admission = admission

    def get(self, call: Call) -> Record:
        """Return an object; ApiError (404) where there is none."""
        record = self._store.get(call.resource, call.key)
        if record is None:
            raise errors.not_found(call.resource, call.name)
        return record

    def create(self, call: Call, value: Any) -> Record:
        """Create an object.

        Raises:
            ApiError: 409 where the name is taken, 422 where a rule is broken, 403 where the
                namespace is being deleted, 404 where there is none.

        """
        metadata.check_identity(call.resource, call.namespace, value)
        call, value = _unaliased(call, value)
        resource = call.resource
        self._check_namespace(call, value)
        value = metadata.initialise(resource, call.namespace, value)
        call = call.named(str(value["metadata"].get("name", "")))
        kinds.prepare_create(resource, value)
        self._conform(call, value, None)
        self._admission.check(call, "CREATE", value, None)
        if self._store.get(resource, call.key) is not None:
            raise errors.already_exists(resource, call.name)
        return self._write(call, "ADDED", value)

    def replace(self, call: Call, value: Any) -> Record:
        """Replace an object, or its status; ApiError (409) where it is not the one expected."""
        metadata.check_identity(call.resource, call.namespace, value)
        call, value = _unaliased(call, value)
        current = self._store.get(call.resource, call.key)
        if current is None and call.resource.create_on_update and not call.subresource:
            return self.create(call, value)
        given = value["metadata"].get("resourceVersion")
        if not given and not call.resource.unconditional_update:
            cause = errors.Cause(
                "metadata.resourceVersion", "Invalid value: 0: must be specified for an update"
            )
            raise errors.invalid(call.resource, call.name, [cause])
        return self.edit(call, lambda _: value)

    def patch(self, call: Call, media_type: str, patch: Any) -> tuple[Record, bool]:
        """Patch an object; return it, and whether an apply created it."""
        current = self._store.get(call.resource, call.key)
        if current is None and media_type == patches.APPLY_PATCH and not call.subresource:
            metadata.check_identity(call.resource, call.namespace, patch)
            patch["metadata"].setdefault("name", call.name)
            return self.create(call, patch), True
        if media_type == patches.APPLY_PATCH:
            call.warnings.append(patches.FORCED)
        is_custom, alias = call.resource.is_custom, call.resource.alias_of
        schema = call.resource.schema

        def edit(value: Object) -> Object:
            shown = events.from_core(value) if alias else value
            patched = patches.apply(media_type, shown, patch, is_custom=is_custom, schema=schema)
            return events.to_core(patched) if alias else patched

        return self.edit(replace(call, resource=call.resource.stored), edit), False

    def edit(self, call: Call, edit: Edit) -> Record:
        """Change an object by a function; an edit that changes nothing writes nothing."""
        current = self.get(call)
        old = current.decode()
        new = edit(current.decode())
        metadata.check_identity(call.resource, call.namespace, new)
        _check_same(call, old, new)
        metadata.keep_server_owned(old, new)
        new = kinds.combine(call, old, new)
        new = metadata.tidy(call.resource, new)
        new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        self._conform(call, new, old)
        if new == old:
            return current
        if kinds.is_new_generation(call.resource, old, new):
            new["metadata"]["generation"] = old["metadata"].get("generation", 1) + 1
        self._admission.check(call, "UPDATE", new, old)
        if kinds.is_released(call.resource, new):
            return self._remove(call, current)
        return self._write(call, "MODIFIED", new)

    def delete(self, call: Call, options: DeleteOptions) -> Deletion:
        """Delete an object, or begin to.

        Raises:
            ApiError: 404, or 409 where a precondition does not hold.

        """
        call = replace(call, resource=call.resource.stored)
        current = self.get(call)
        _check_preconditions(call, current, options)
        kinds.check_deletable(call)
        old = current.decode()
        self._admission.check(call, "DELETE", None, old)
        if options.propagation == "Orphan" and not call.dry_run:
            self._orphan(current)
        value = current.decode()
        blocking = options.propagation == "Foreground" and self._store.dependents(current.uid)
        if blocking and FOREGROUND not in value["metadata"].get("finalizers", ()):
            value["metadata"].setdefault("finalizers", []).append(FOREGROUND)
        changed = kinds.begin_deletion(call.resource, value, options.grace_seconds)
        if kinds.is_released(call.resource, value):
            return Deletion(self._remove(call, current), gone=True)
        if not changed and value == old:
            return Deletion(current, gone=False)
        return Deletion(self._write(call, "MODIFIED", value), gone=False)

    def remove_if_released(self, call: Call) -> None:
        """Remove an object that is being deleted and that nothing holds any more."""
        current = self._store.get(call.resource, call.key)
        if current is not None and kinds.is_released(call.resource, current.decode()):
            self._remove(call, current)

    def _check_namespace(self, call: Call, value: Object) -> None:
        if not call.resource.namespaced:
            return
        record = self._store.get(NAMESPACES, ("", call.namespace))
        if record is None:
            raise errors.not_found(NAMESPACES, call.namespace)
        if record.decode()["metadata"].get("deletionTimestamp"):
            raise errors.forbidden(
                call.resource,
                str(value["metadata"].get("name", "")),
                f"unable to create new content in namespace {call.namespace} because it is being"
                " terminated",
                [
                    errors.Cause(
                        "metadata.namespace",
                        f"namespace {call.namespace} is being terminated",
                        "NamespaceTerminating",
                    )
                ],
            )

    def _conform(self, call: Call, value: Object, old: Object | None) -> None:
        found = metadata.problems(call.resource, value)
        found += kinds.conform(call, value, old)
        if found:
            raise errors.invalid(call.resource, str(value["metadata"].get("name", "")), found)

    def _write(self, call: Call, change: records.ChangeType, value: Object) -> Record:
        if call.dry_run:
            return records.of_object(call.resource, value, self._store.revision)
        record = records.of_object(call.resource, value, self._store.next_revision())
        if len(record.body) > OBJECT_LIMIT_BYTES:
            raise errors.too_large(OBJECT_LIMIT_BYTES)
        self._store.write(change, record)
        self._follow(call, value)
        return record

    def _remove(self, call: Call, current: Record) -> Record:
        if call.dry_run:
            return current
        record = records.at_revision(current, self._store.next_revision())
        self._store.write("DELETED", record)
        self._follow(call, None, record)
        return record

    def _follow(self, call: Call, value: Object | None, removed: Record | None = None) -> None:
        """Serve what a definition describes, and heed a policy, from the write on."""
        self._admission.follow(call.resource)
        if call.resource is not CUSTOM_RESOURCE_DEFINITIONS:
            return
        if removed is not None:
            self._catalog.remove(definitions.resource(removed.decode()))
        elif value is not None:
            resource = definitions.resource(value)
            self._catalog.add(resource)
            self._store.reindex(resource, records.of_body)

    def _orphan(self, owner: Record) -> None:
        for dependent in self._store.dependents(owner.uid):
            resource = self._catalog.qualified(dependent.resource)
            if resource is None:
                continue
            value = dependent.decode()
            value["metadata"]["ownerReferences"] = [
                reference
                for reference in value["metadata"]["ownerReferences"]
                if reference["uid"] != owner.uid
            ]
            value = metadata.tidy(resource, value)
            record = records.of_object(resource, value, self._store.next_revision())
            self._store.write("MODIFIED", record)


def _unaliased(call: Call, value: Object) -> tuple[Call, Object]:
    if call.resource.alias_of is None:
        return call, value
    if not value.get("eventTime"):
        cause = errors.Cause("eventTime", "Required value", "FieldValueRequired")
        raise errors.invalid(call.resource, str(value["metadata"].get("name", "")), [cause])
    return replace(call, resource=call.resource.stored), events.to_core(value)


def _check_same(call: Call, old: Object, new: Object) -> None:
    before, after = old["metadata"], new["metadata"]
    name = after.setdefault("name", call.name)
    if name != call.name:
        raise errors.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({call.name})"
        )
    if after.get("uid") not in (None, "", before["uid"]):
        raise errors.conflict(
            call.resource,
            call.name,
            f"Precondition failed: UID in precondition: {after['uid']}, UID in object meta:"
            f" {before['uid']}",
        )
    if after.get("resourceVersion") not in (None, "", before["resourceVersion"]):
        raise errors.conflict(call.resource, call.name)
    if before.get("deletionTimestamp"):
        added = set(after.get("finalizers") or ()) - set(before.get("finalizers") or ())
        if added:
            cause = errors.Cause(
                "metadata.finalizers",
                "Forbidden: no new finalizers can be added if the object is being deleted, found"
                f" new finalizers {sorted(added)}",
                "FieldValueForbidden",
            )
            raise errors.invalid(call.resource, call.name, [cause])


def _check_preconditions(call: Call, current: Record, options: DeleteOptions) -> None:
    for name, wanted, actual in (
        ("UID", options.uid, current.uid),
        ("ResourceVersion", options.resource_version, str(current.revision)),
    ):
        if wanted and wanted != actual:
            raise errors.conflict(
                call.resource,
                call.name,
                f"the {name} in the precondition ({wanted}) does not match the {name} in record"
                f" ({actual}). The object might have been deleted and then recreated",
            )
