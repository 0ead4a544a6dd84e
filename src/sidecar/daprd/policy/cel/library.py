"""CEL by the ``cel-python`` library, for expressions outside our subset.

Importing it costs about 200 ms and 15 MB, so nothing else imports this module at its top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import celpy
from celpy import celtypes
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from dapr_core.jsonx import Number
from daprd.policy.cel.values import CELError

ParseError = CELParseError

_INT64 = range(-(2**63), 2**63)
_environment = celpy.Environment()


def compile_expression(text: str) -> Callable[[Mapping[str, Any]], Any]:
    """Compile an expression into a function of its variables. Raises ``ParseError``."""
    program = _environment.program(_environment.compile(text))

    def run(variables: Mapping[str, Any]) -> Any:
        try:
            result = program.evaluate({name: _cel(value) for name, value in variables.items()})
        except CELEvalError as error:
            raise CELError(str(error.args[0] if error.args else error)) from None
        except Exception as error:  # the library lets its own IndexError and TypeError through
            raise CELError(f"{type(error).__name__} in the expression library") from error
        if isinstance(result, CELEvalError):
            raise CELError(str(result))
        return _python(result)

    return run


def _cel(value: Any) -> Any:
    if isinstance(value, bool):
        return celtypes.BoolType(value)
    if isinstance(value, str):
        return celtypes.StringType(value)
    if isinstance(value, int):
        return celtypes.IntType(value) if value in _INT64 else celtypes.DoubleType(value)
    if isinstance(value, (float, Number)):
        return celtypes.DoubleType(float(value))
    if isinstance(value, bytes):
        return celtypes.BytesType(value)
    if isinstance(value, Mapping):
        return celtypes.MapType({celtypes.StringType(key): _cel(item) for key, item in value.items()})
    if isinstance(value, list):
        return celtypes.ListType([_cel(item) for item in value])
    return value


def _python(value: Any) -> Any:
    return bool(value) if isinstance(value, celtypes.BoolType) else value
