"""What the org tells about its objects and fields; a hidden field is told of nowhere."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.faults import Faults
from adapters.sandbox.salesforce.catalogue import OBJECTS
from adapters.sandbox.salesforce.fields import TEXT_TYPES, Field, SObject
from adapters.sandbox.salesforce.service import restricts

_SOAP = {"id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "double": "xsd:double"} | {
    "currency": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
}


def describe_global(version: str) -> dict[str, Any]:
    """All objects, briefly."""
    objects = [summary(obj, version) for _, obj in sorted(OBJECTS.items())]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}


def summary(obj: SObject, version: str) -> dict[str, Any]:
    """One object without its fields."""
    base = f"/services/data/v{version}/sobjects/{obj.name}"
    writable = obj.writable
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": writable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": writable,
        "deprecatedAndHidden": False,
        "feedEnabled": True,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": obj.prefix,
        "label": obj.label,
        "labelPlural": obj.plural,
        "layoutable": True,
        "mergeable": obj.name in ("Account", "Contact"),
        "mruEnabled": True,
        "name": obj.name,
        "queryable": True,
        "replicateable": obj.replicateable,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": writable,
        "updateable": writable,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": base + "/{ID}"},
    }


def describe(obj: SObject, faults: Faults, version: str) -> dict[str, Any]:
    """One object with its visible fields, child relationships and record types."""
    more = {
        "actionOverrides": [],
        "childRelationships": _children(obj),
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(obj, one) for one in visible(obj, faults)],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [_master_record_type(obj, version)],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {obj.plural.lower()}", "name": "everything"}],
    }
    return dict(sorted({**summary(obj, version), **more}.items()))


def visible(obj: SObject, faults: Faults) -> list[Field]:
    """The fields that field-level security shows."""
    return [one for one in obj.fields if not faults.hides(obj.name, one.name)]


def _master_record_type(obj: SObject, version: str) -> dict[str, Any]:
    master = "012000000000000AAA"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": master,
        "urls": {"layout": f"/services/data/v{version}/sobjects/{obj.name}/describe/layouts/{master}"},
    }


def _children(obj: SObject) -> list[dict[str, Any]]:
    names = {("Account", "ParentId"): "ChildAccounts", ("Contact", "AccountId"): "Contacts"}
    names[("Opportunity", "AccountId")] = "Opportunities"
    names |= {(child, "AccountId"): f"{child}s" for child in ("Case", "Contract")} | {("Case", "ContactId"): "Cases"}
    return [
        {
            "cascadeDelete": one.name == "AccountId" and child.name != "Case",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": one.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": names.get((child.name, one.name)),
            "restrictedDelete": restricts(obj.name, child.name, one),
        }
        for child in OBJECTS.values()
        for one in child.fields
        if obj.name in one.targets
    ]


def _field(obj: SObject, one: Field) -> dict[str, Any]:
    """All keys of one field; the constant ones are features the invented org does not use."""
    relation = one.relation or None
    facts = {
        "aggregatable": True,
        "byteLength": one.length * 3 if one.type in TEXT_TYPES else one.length,
        "cascadeDelete": one.name == "AccountId",
        "createable": one.createable and obj.writable,
        "custom": one.custom,
        "defaultValue": False if one.type == "boolean" else None,
        "defaultedOnCreate": one.defaulted,
        "groupable": one.type not in ("datetime", "double", "currency"),
        "externalId": one.external_id,
        "idLookup": one.id_lookup,
        "label": one.label,
        "length": one.length,
        "name": one.name,
        "nameField": one.name_field,
        "namePointing": bool(one.also),
        "nillable": not one.required,
        "polymorphicForeignKey": bool(one.also),
        "permissionable": not one.required and one.createable,
        "picklistValues": [_choice(value) for value in one.values],
        "precision": one.precision,
        "referenceTo": list(one.targets),
        "relationshipName": relation,
        "restrictedPicklist": one.restricted,
        "scale": one.scale,
        "soapType": _SOAP.get(one.type, "xsd:string"),
        "type": one.type,
        "unique": one.external_id,
        "updateable": one.updateable and obj.writable,
        "extraTypeInfo": "personname" if one.name == "Name" and obj.field("LastName") else None,
        "compoundFieldName": "Name" if one.name in ("FirstName", "LastName") else None,
        "digits": 0,
    }
    return dict(sorted({**_UNUSED, **facts}.items()))


def _choice(value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


_UNUSED: dict[str, Any] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculated": False,
    "calculatedFormula": None,
    "caseSensitive": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filterable": True,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "sortable": True,
    "writeRequiresMasterRead": False,
}
