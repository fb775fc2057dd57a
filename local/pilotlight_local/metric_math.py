"""CloudWatch's metric math, as far as alarms and runbooks use it: arithmetic, comparisons, AND, OR, IF and FILL.

A value is a number, or a time series: second since 1970 → value. Two series meet at the moments that both have.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

Series = dict[int, float]
Value = float | Series

_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*|\.\d+)|([A-Za-z_]\w*)|(>=|<=|==|!=|&&|\|\||[-+*/<>(),]))")
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_WORDS = {"AND": "&&", "OR": "||"}


class MathError(Exception):
    """One sentence on what is wrong with an expression."""


class Expression:
    """One that was parsed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._tree = self._either()
        if self._tokens:
            raise self._error(f"{self._tokens[0]!r} is not expected")

    def names(self) -> set[str]:
        """The ids of the metrics and expressions that it is made of."""
        found: set[str] = set()
        pending: list[Any] = [self._tree]
        while pending:
            kind, *parts = pending.pop()
            if kind == "name":
                found.add(parts[0])
            else:
                pending.extend(part for part in parts if isinstance(part, tuple))
                pending.extend(item for part in parts if isinstance(part, list) for item in part)
        return found

    def evaluate(self, known: dict[str, Series], moments: list[int]) -> Series:
        """`known` are the series by id; `moments` the beginnings of all periods that are asked for."""
        value = self._value(self._tree, known, moments)
        if not isinstance(value, dict):
            raise self._error("it is a number and not a time series")
        return value

    # Parsing

    def _split(self, text: str) -> list[str]:
        tokens, position = [], 0
        while text[position:].strip():
            found = _TOKEN.match(text, position)
            if not found:
                raise self._error(f"{text[position:].strip()[0]!r} is not known")
            token = found[1] or found[2] or found[3]
            tokens.append(_WORDS.get(token, token))
            position = found.end()
        return tokens

    def _error(self, what: str) -> MathError:
        return MathError(f"Error in expression '{self._text}': {what}.")

    def _take(self, *wanted: str) -> str | None:
        return self._tokens.pop(0) if self._tokens and self._tokens[0] in wanted else None

    def _chain(self, inner: Callable[[], Any], *operators: str) -> Any:
        left = inner()
        while found := self._take(*operators):
            left = ("operation", found, left, inner())
        return left

    def _either(self) -> Any:
        return self._chain(self._both, "||")

    def _both(self) -> Any:
        return self._chain(self._compared, "&&")

    def _compared(self) -> Any:
        return self._chain(self._sum, *_COMPARISONS)

    def _sum(self) -> Any:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Any:
        return self._chain(self._single, "*", "/")

    def _single(self) -> Any:
        if not self._tokens:
            raise self._error("it ends too early")
        if self._take("-"):
            return ("operation", "-", ("number", 0.0), self._single())
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise self._error("a bracket is not closed")
            return inner
        token = self._tokens.pop(0)
        if token[0].isdigit() or token[0] == ".":
            return ("number", float(token))
        if not (token[0].isalpha() or token[0] == "_"):
            raise self._error(f"{token!r} is not expected")
        if not self._take("("):
            return ("name", token)
        arguments = [self._either()]
        while self._take(","):
            arguments.append(self._either())
        if not self._take(")"):
            raise self._error("a bracket is not closed")
        if (token, len(arguments)) not in (("IF", 2), ("IF", 3), ("FILL", 2)):
            raise self._error(f"the emulator knows no {token} of {len(arguments)}")
        return (token, arguments)

    # Evaluating

    def _value(self, tree: Any, known: dict[str, Series], moments: list[int]) -> Value:
        kind = tree[0]
        if kind == "number":
            return tree[1]
        if kind == "name":
            if tree[1] not in known:
                raise self._error(f"{tree[1]!r} is no id of this request")
            return known[tree[1]]
        if kind == "operation":
            _, sign, left, right = tree
            return _apply(sign, self._value(left, known, moments), self._value(right, known, moments))
        if kind == "FILL":
            return self._filled(tree[1], known, moments)
        return self._chosen([self._value(argument, known, moments) for argument in tree[1]])

    def _filled(self, arguments: list[Any], known: dict[str, Series], moments: list[int]) -> Value:
        series = self._value(arguments[0], known, moments)
        if not isinstance(series, dict) or not series:
            return series  # of a metric without any datapoint there is nothing to fill
        if arguments[1] == ("name", "REPEAT"):
            filled: Series = {}
            for moment in moments:
                if moment in series:
                    filled[moment] = series[moment]
                elif filled:
                    filled[moment] = filled[max(filled)]
            return filled
        filling = self._value(arguments[1], known, moments)
        return {moment: series.get(moment, _at(filling, moment)) for moment in {*moments, *series}}

    def _chosen(self, arguments: list[Value]) -> Value:
        condition = arguments[0]
        if not isinstance(condition, dict):
            chosen = arguments[1:2] if condition else arguments[2:3]
            return chosen[0] if chosen else {}
        result: Series = {}
        for moment, holds in condition.items():
            chosen = arguments[1:2] if holds else arguments[2:3]
            value = _at(chosen[0], moment) if chosen else None
            if value is not None:
                result[moment] = value
        return result


def _at(value: Value, moment: int) -> float | None:
    return value.get(moment) if isinstance(value, dict) else value


def _apply(sign: str, left: Value, right: Value) -> Value:
    if not isinstance(left, dict) and not isinstance(right, dict):
        result = _calculate(sign, left, right)
        if result is None:
            return {}
        return result
    moments = [moment for series in (left, right) if isinstance(series, dict) for moment in series]
    found: Series = {}
    for moment in moments:
        one, other = _at(left, moment), _at(right, moment)
        if one is not None and other is not None:
            value = _calculate(sign, one, other)
            if value is not None:
                found[moment] = value
    return found


def _calculate(sign: str, left: float, right: float) -> float | None:
    if sign in _COMPARISONS:
        return float(_COMPARISONS[sign](left, right))
    if sign == "&&":
        return float(bool(left) and bool(right))
    if sign == "||":
        return float(bool(left) or bool(right))
    if sign == "/":
        return left / right if right else None
    return {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign](left, right)
