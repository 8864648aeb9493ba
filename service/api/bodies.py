"""Bodies of requests: strict JSON, read after it is known that whoever asks may ask."""

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Depends, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from service.adapters.feeds.files import decode
from service.errors import RefusedInput

Model = TypeVar("Model", bound=BaseModel)
KIND = "application/json"


class _NoValue(ValueError):
    """It can be read as JSON, and is no value that anybody could mean."""


async def json_of(request: Request) -> Any:
    """The body as JSON. Raises HTTPException: 415 for another kind, 400 for no JSON, 422 for what JSON cannot say.

    A number without end, a key that stands twice, and nesting that no reader bears are refused, not repaired.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise HTTPException(415, f"send {KIND}")
    return parsed(await request.body())


def parsed(body: bytes) -> Any:
    """JSON. Raises HTTPException."""
    try:
        return json.loads(decode(body), object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
    except _NoValue as error:
        raise HTTPException(422, str(error)) from None
    except RecursionError:
        raise HTTPException(400, "nested too deeply") from None
    except json.JSONDecodeError as error:
        raise HTTPException(400, f"not valid JSON: {error.msg} at column {error.colno}") from None
    except ValueError as error:
        raise HTTPException(400, f"not valid JSON: {str(error)[:120]}") from None
    except RefusedInput as refused:
        raise HTTPException(400, str(refused)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NoValue("a key stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _NoValue(f"{name} is no JSON number")


def _number(written: str) -> float:
    found = float(written)
    if not math.isfinite(found):
        raise _NoValue("a number is too large")
    return found


def reads(model: type[Model]) -> Any:
    """A parameter of a route: the body as a checked model."""
    return Depends(_reader(model))


def _reader(model: type[Model]) -> Callable[[Request], Any]:
    async def read(request: Request) -> Model:
        return checked(await json_of(request), model)

    return read


def checked(data: Any, model: type[Model]) -> Model:
    """Data as a checked model. Raises RequestValidationError."""
    if not isinstance(data, dict):
        raise invalid("must be an object")
    if not all(map(_is_text, _strings(data))):
        raise invalid("a text holds a sign that is none")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from None


def invalid(message: str, *where: str) -> RequestValidationError:
    """A mistake in a body, at a key or in the whole."""
    return RequestValidationError([{"loc": ("body", *where), "msg": message, "type": "value_error"}])


def _strings(data: Any) -> list[str]:
    """All keys and texts, however deep."""
    found, waiting = [], [data]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return found


def _is_text(written: str) -> bool:
    """Whether it can be stored: no half of a pair of surrogates, no NUL."""
    return "\0" not in written and not any("\ud800" <= sign <= "\udfff" for sign in written)


def takes(name: str, *, several: bool = False) -> dict[str, Any]:
    """What the description of a route says of its body: an object of this name, or also a list of such."""
    one = {"$ref": f"#/components/schemas/{name}"}
    schema = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}]} if several else one
    return {"requestBody": {"required": True, "content": {KIND: {"schema": schema}}}}


MOST = 500
"""Articles in one body."""
