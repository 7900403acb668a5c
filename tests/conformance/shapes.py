"""Checks the body of an answer against the service's model in botocore.

botocore's own parsers are lenient: they drop members that the model does not know and convert what
they can. Here nothing unknown, nothing missing and nothing of another type passes.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from botocore.model import OperationModel
from botocore.model import Shape


class Mismatch(AssertionError):
    """An answer that is not what the model says."""


def check_call(http_response: Any, parsed: dict, model: OperationModel, **_: Any) -> None:
    """The handler of botocore's event `after-call`."""
    if http_response.status_code >= 300:
        check_error(parsed, model)
        return
    protocol = model.service_model.resolved_protocol
    shape = model.output_shape
    if protocol == "json":
        check_json(model.name, shape, json.loads(http_response.content or b"{}"))
    elif protocol == "query":
        check_document(model, http_response.content)
    else:
        raise Mismatch(f"{model.name}: nothing here reads the protocol {protocol}")
    if not parsed["ResponseMetadata"].get("RequestId"):
        raise Mismatch(f"{model.name}: no request id")


def check_error(parsed: dict, model: OperationModel) -> None:
    error = parsed.get("Error", {})
    if not error.get("Code") or not error.get("Message"):
        raise Mismatch(f"{model.name}: an error without code or message: {parsed}")


def wrong(path: str, shape: Shape, value: object) -> Mismatch:
    return Mismatch(f"{path}: {value!r} is no {shape.type_name} ({shape.name})")


def check_members(path: str, shape: Shape, present: set[str]) -> None:
    unknown = present - set(shape.members)
    if unknown:
        raise Mismatch(f"{path}: {shape.name} has no member {sorted(unknown)}")
    missing = set(shape.required_members) - present
    if missing:
        raise Mismatch(f"{path}: {shape.name} lacks {sorted(missing)}")


def check_text(path: str, shape: Shape, text: str) -> None:
    if getattr(shape, "enum", None) and text not in shape.enum:
        raise Mismatch(f"{path}: {text!r} is none of {shape.enum}")


def check_json(path: str, shape: Shape | None, value: Any) -> None:
    """Checks a JSON value; an operation without an output answers with an empty object."""
    if shape is None:
        if value != {}:
            raise Mismatch(f"{path}: the model has no output, this is {value!r}")
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match shape.type_name:
        case "structure":
            fits = isinstance(value, dict)
        case "map":
            fits = isinstance(value, dict)
        case "list":
            fits = isinstance(value, list)
        case "string" | "blob":
            fits = isinstance(value, str)
        case "boolean":
            fits = isinstance(value, bool)
        case "integer" | "long":
            fits = number and isinstance(value, int)
        case "float" | "double":
            fits = number or value in ("NaN", "Infinity", "-Infinity")
        case "timestamp":
            fits = number
        case _:
            fits = False
    if not fits:
        raise wrong(path, shape, value)
    if shape.type_name == "structure":
        check_members(path, shape, set(value))
        for name, member in value.items():
            check_json(f"{path}.{name}", shape.members[name], member)
    elif shape.type_name == "map":
        for key, member in value.items():
            check_json(f"{path}.{key}", shape.value, member)
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            check_json(f"{path}[{index}]", shape.member, member)
    elif shape.type_name == "string":
        check_text(path, shape, value)


def local_name(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def check_document(model: OperationModel, body: bytes) -> None:
    """Checks the XML of the Query protocol."""
    root = ElementTree.fromstring(body)
    namespace = model.service_model.metadata["xmlNamespace"]
    if root.tag != f"{{{namespace}}}{model.name}Response":
        raise Mismatch(f"{model.name}: the document is a {root.tag}")
    parts = {local_name(part): part for part in root}
    metadata = parts.pop("ResponseMetadata", None)
    if metadata is None:
        raise Mismatch(f"{model.name}: no ResponseMetadata")
    shape = model.output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    if wrapper is None:
        result = None
    else:
        result = parts.pop(wrapper, None)
        if result is None:
            raise Mismatch(f"{model.name}: no {wrapper}")
    if parts:
        raise Mismatch(f"{model.name}: nothing known is {sorted(parts)}")
    if result is not None:
        check_element(model.name, shape, result)


def check_element(path: str, shape: Shape, element: ElementTree.Element) -> None:
    text = element.text or ""
    if shape.type_name not in ("structure", "list", "map"):
        if len(element):
            raise wrong(path, shape, [local_name(child) for child in element])
        check_scalar(path, shape, text)
        return
    if text.strip():
        raise wrong(path, shape, text)
    if shape.type_name == "structure":
        children = [local_name(child) for child in element]
        if len(children) != len(set(children)):
            raise Mismatch(f"{path}: a member stands twice: {children}")
        check_members(path, shape, set(children))
        for child in element:
            name = local_name(child)
            check_element(f"{path}.{name}", shape.members[name], child)
    elif shape.type_name == "list":
        for index, child in enumerate(element):
            if local_name(child) != "member":
                raise Mismatch(f"{path}: an item is called {local_name(child)}")
            check_element(f"{path}[{index}]", shape.member, child)
    else:
        for entry in element:
            parts = {local_name(part): part for part in entry}
            if local_name(entry) != "entry" or set(parts) != {"key", "value"}:
                raise Mismatch(f"{path}: no entry of a map: {sorted(parts)}")
            check_element(f"{path}.{parts['key'].text}", shape.value, parts["value"])


def check_scalar(path: str, shape: Shape, text: str) -> None:
    try:
        match shape.type_name:
            case "boolean":
                fits = text in ("true", "false")
            case "integer" | "long":
                fits = str(int(text)) == text
            case "float" | "double":
                float(text)
                fits = True
            case "timestamp":
                datetime.fromisoformat(text)
                fits = True
            case _:
                fits = True
    except ValueError:
        fits = False
    if not fits:
        raise wrong(path, shape, text)
    if shape.type_name == "string":
        check_text(path, shape, text)
