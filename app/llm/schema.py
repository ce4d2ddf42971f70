"""Does a value obey a JSON Schema? The subset that Kaunter's decisions use; an unknown keyword is a mistake of ours."""

from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
    "enum", "const", "anyOf", "oneOf", "minLength", "maxLength", "minimum", "maximum", "nullable", "title",
    "description",
}  # fmt: skip


def check_value(value: Any, schema: dict[str, Any], where: str = "reply") -> str | None:
    """The first mistake as a phrase without the value itself, or None. Raises ValueError for an unknown keyword."""
    if unknown := schema.keys() - _KNOWN:
        raise ValueError(f"schema keywords that are not checked: {', '.join(sorted(unknown))}")
    if value is None and schema.get("nullable"):
        return None
    return (
        _check_choice(value, schema, where)
        or _check_type(value, schema, where)
        or _check_limits(value, schema, where)
        or _check_members(value, schema, where)
    )


def _check_choice(value: Any, schema: dict[str, Any], where: str) -> str | None:
    if "const" in schema and not _same(value, schema["const"]):
        return f"{where} is not the constant"
    if "enum" in schema and not any(_same(value, allowed) for allowed in schema["enum"]):
        return f"{where} is not one of the allowed values"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options and all(check_value(value, option, where) for option in options):
        return f"{where} fits none of the alternatives"
    return None


def _same(left: Any, right: Any) -> bool:
    """JSON equality: ``true`` is not 1."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _check_type(value: Any, schema: dict[str, Any], where: str) -> str | None:
    wanted = schema.get("type")
    if wanted is None:
        return None
    names = [wanted] if isinstance(wanted, str) else wanted
    if any(isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool)) for name in names):
        return None
    return f"{where} is not of type {' or '.join(names)}"


def _check_limits(value: Any, schema: dict[str, Any], where: str) -> str | None:
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return f"{where} has a wrong length"
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{where} has a wrong number of items"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return f"{where} is out of range"
    return None


def _check_members(value: Any, schema: dict[str, Any], where: str) -> str | None:
    if isinstance(value, list) and "items" in schema:
        return next(
            (m for n, item in enumerate(value) if (m := check_value(item, schema["items"], f"{where}[{n}]"))), None
        )
    if not isinstance(value, dict):
        return None
    properties: dict[str, Any] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where}.{name} is missing"
    if schema.get("additionalProperties") is False and value.keys() - properties.keys():
        return f"{where} has members that are not allowed"
    members = ((value[name], part, f"{where}.{name}") for name, part in properties.items() if name in value)
    return next((m for item, part, path in members if (m := check_value(item, part, path))), None)
