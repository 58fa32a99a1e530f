"""Values within declared limits, and the sentence about one that is not. The settings themselves are in specs.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator
from pydantic.fields import FieldInfo
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import ErrorDetails

from scenes.wording import CONTROL
from videogen.errors import shown

PROMPT_LENGTH = 4000  # characters
YES_OR_NO = {"true": True, "false": False, "": None}  # what a form sends for a switch


class SpecError(Exception):
    """One or more settings are out of bounds. `errors` maps a field's name to a sentence naming the value."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Must:
    """What a value of the field must be, for the sentence about one that is not. Its bounds are added to `what`."""

    what: str
    otherwise: str = ""


def whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def real(value: object) -> object:
    # An integer beyond all floats is left for the limits to refuse, like any other number out of bounds.
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 128:
        return float(value)
    return value


def tidy(value: object) -> object:
    """Use one kind of line break and no space around. Raises ValueError for a control character."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) <= PROMPT_LENGTH and (found := CONTROL.search(text)):
        code, position = ord(found[0]), found.start() + 1
        raise ValueError(f"holds a control character (U+{code:04X}) at position {position}. Remove it.")
    return text


class Limits(BaseModel):
    """Values within declared limits. Whatever is outside them raises SpecError, with a sentence for each field."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    @classmethod
    def read(cls, given: Mapping[str, object], *, as_text: bool = False, **known: Any) -> Self:
        """Read what a person or program sent. What is missing or None gets its default; other names are left alone.

        as_text: numbers come as text, as forms send them. known: what the validators compare with, see the subclasses.
        Raises SpecError naming every bad field and its value.
        """
        values = {name: _from_text(given.get(name), field, as_text) for name, field in cls.model_fields.items()}
        values = {name: value for name, value in values.items() if value is not None}
        return cls.model_validate(values, context={"given": given, **known})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises SpecError where it no longer keeps the limits."""
        return cls.model_validate(dict(stored))

    def to_json(self) -> dict[str, Any]:
        """Return the values as plain JSON values."""
        return self.model_dump(mode="json")

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values. Raises SpecError where they do not keep the limits."""
        return self.from_json({**self.to_json(), **changes})

    @model_validator(mode="wrap")
    @classmethod
    def _in_sentences(cls, values: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        try:
            within = handler(values)
        except ValidationError as invalid:
            given = (info.context or {}).get("given", values)
            raise SpecError(cls._sentences(invalid, given)) from None
        within.check()
        return within

    def check(self) -> None:
        """Check what concerns several fields, each of which is within its limits. Raises SpecError."""

    @classmethod
    def _sentences(cls, invalid: ValidationError, given: Mapping[str, object]) -> dict[str, str]:
        found: dict[str, str] = {}
        for error in invalid.errors(include_url=False):
            name = str(error["loc"][0])
            if name in found:  # a list has an error for each of its items
                continue
            field = cls.model_fields.get(name)
            sentence = _sentence(field, error, given.get(name)) if field else f"There is no field {shown(name)}."
            found[name] = sentence
        return found


def _from_text(value: object, field: FieldInfo, as_text: bool) -> object:
    """Convert a form's text to nothing, a number, yes or no, or itself (for the limits to refuse)."""
    if not as_text or not isinstance(value, str):
        return value
    if field.annotation is bool:
        return YES_OR_NO.get(value, value)
    if not is_number(field):
        return value
    return number_or_text(value)


def number_or_text(typed: str) -> float | str | None:
    """Read a number from what was typed: None where that is nothing, the text itself where it is no number."""
    if not typed.strip():
        return None
    try:
        return float(typed)
    except ValueError:
        return typed


def is_number(field: FieldInfo) -> bool:
    """Whether the field holds a number, or one of some numbers, or none."""
    kinds = get_args(field.annotation) or (field.annotation,)
    return any(kind in (int, float) or type(kind) is int for kind in kinds)


def bounds(field: FieldInfo) -> tuple[float, float] | None:
    """Return the lowest and the highest value of a field, None for one without."""
    low: Any = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high: Any = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    return None if low is None or high is None else (low, high)


def _sentence(field: FieldInfo, error: ErrorDetails, given: object) -> str:
    label, kind = field.title, error["type"]
    if kind == "sentence":
        return error["msg"]
    if kind == "value_error":
        return f"{label} {error['ctx']['error']}"
    if kind == "string_too_long":
        return f"{label} may hold {PROMPT_LENGTH} characters; {len(error['input'])} were given. Shorten it."
    if kind == "string_too_short" or (kind == "missing" and field.annotation is str):
        return f"{label} is empty. Write what should be seen, in a sentence or two."
    return f"{label} must be {_wanted(field)}; {shown(given)} was given."


def _wanted(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        *first, last = map(str, get_args(field.annotation))
        return f"{', '.join(first)} or {last}"
    must = next((meta for meta in field.metadata if isinstance(meta, Must)), Must("text"))
    limits = bounds(field)
    return f"{must.what}{f' from {limits[0]:.10g} to {limits[1]:.10g}' if limits else ''}{must.otherwise}"
