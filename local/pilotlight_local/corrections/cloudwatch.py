"""CloudWatch: datapoints by the minute, alarms that keep their state, all in virtual time.

moto keeps every datapoint in one list and walks it for every period of every query, which agents that report for hours
make slow. Here a datapoint joins its metric's minute at once, which is also what CloudWatch keeps of one of standard
resolution. moto also cuts periods from the query's start, where CloudWatch cuts them at the full minute.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricAggregatedDatum, MetricDatum, Statistics
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from pilotlight_local.control.pace import at, pace
from pilotlight_local.metric_math import Expression, MathError, Series

MINUTE = 60
STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")

_lock = threading.Lock()
_get_metric_data = CloudWatchBackend.get_metric_data
_get_metric_statistics = CloudWatchBackend.get_metric_statistics
_new_alarm = Alarm.__init__
_update_state = Alarm.update_state
_put_metric_alarm = CloudWatchBackend.put_metric_alarm

Key = tuple[str, str, frozenset[tuple[str, str]]]


def install() -> None:
    Alarm.__init__ = new_alarm
    Alarm.update_state = update_state
    CloudWatchBackend.put_metric_alarm = put_metric_alarm
    CloudWatchBackend.put_metric_data = put_metric_data
    CloudWatchBackend.get_metric_data = get_metric_data
    CloudWatchBackend.get_metric_statistics = get_metric_statistics
    CloudWatchResponse.describe_alarms = describe_alarms


@dataclass
class Summary:
    """What CloudWatch keeps of the datapoints of one minute."""

    count: float = 0
    total: float = 0
    least: float = float("inf")
    most: float = float("-inf")
    unit: str | None = None

    def add(self, other: "Summary") -> None:
        self.count += other.count
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)
        self.unit = other.unit or self.unit

    def value(self, statistic: str) -> float:
        return {
            "SampleCount": self.count,
            "Sum": self.total,
            "Average": self.total / self.count,
            "Minimum": self.least,
            "Maximum": self.most,
        }[statistic]


Minutes = dict[int, dict[str | None, Summary]]
"""Minute since 1970 → unit → summary."""


def _store(backend: CloudWatchBackend) -> dict[Key, Minutes]:
    if not hasattr(backend, "minutes_of_metrics"):
        backend.minutes_of_metrics = {}
    return backend.minutes_of_metrics


def _key(namespace: str, name: str, dimensions: list[dict[str, str]] | None) -> Key:
    return namespace, name, frozenset((item["Name"], item["Value"]) for item in dimensions or ())


def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
    for number, metric in enumerate(metric_data, 1):
        self._validate_parameters_put_metric_data(metric, number)
    now = pace.now()
    with _lock:
        store = _store(self)
        for metric in metric_data:
            name, unit = metric["MetricName"], metric.get("Unit")
            key = _key(namespace, name, metric.get("Dimensions"))
            if key not in store:
                store[key] = {}
                # ListMetrics lists moto's: one of each is enough
                self.metric_data.append(MetricDatum(namespace, name, 0, metric.get("Dimensions") or [], now, unit))
            minute = int((metric.get("Timestamp") or now).timestamp()) // MINUTE
            units = store[key].setdefault(minute, {})
            units.setdefault(unit, Summary()).add(_summary(metric, unit))


def _summary(metric: dict[str, Any], unit: str | None) -> Summary:
    if metric.get("Values"):
        values = [float(value) for value in metric["Values"]]
        counts = [float(count) for count in metric.get("Counts") or [1] * len(values)]
        total = sum(value * count for value, count in zip(values, counts, strict=True))
        return Summary(sum(counts), total, min(values), max(values), unit)
    if metric.get("StatisticValues"):
        given = {name: float(value) for name, value in metric["StatisticValues"].items()}
        return Summary(given["SampleCount"], given["Sum"], given["Minimum"], given["Maximum"], unit)
    value = float(metric.get("Value", 0))
    return Summary(1, value, value, value, unit)


def _periods(
    self: CloudWatchBackend, key: Key, start: datetime, end: datetime, period: int, unit: str | None
) -> list[tuple[int, Summary]]:
    """(beginning in seconds since 1970, summary) of each period from the full one before `start` to `end`, by time."""
    first, last = int(start.timestamp()) // period * period, end.timestamp()
    found: dict[int, Summary] = {}
    with _lock:
        minutes = _store(self).get(key, {})
        # hours of minutes are few; a range of years would be many
        span = range(first // MINUTE, -(-int(last) // MINUTE))
        for minute in span if len(span) < len(minutes) else [minute for minute in sorted(minutes) if minute in span]:
            for its_unit, summary in minutes.get(minute, {}).items():
                if (not unit or unit == its_unit) and minute * MINUTE < last:
                    found.setdefault(minute * MINUTE // period * period, Summary()).add(summary)
    return sorted(found.items())


def get_metric_data(
    self: CloudWatchBackend,
    queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampDescending",
) -> list[dict[str, Any]]:
    if start_time >= end_time:
        raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
    if any((query.get("Expression") or "").startswith("SELECT") for query in queries):
        return _get_metric_data(self, queries, start_time, end_time, scan_by)
    results = [_result(self, query, start_time, end_time, scan_by) for query in queries if "MetricStat" in query]
    math = _math(queries, results, start_time, end_time, scan_by)
    shown = {query["Id"] for query in queries if query.get("ReturnData", True)}
    return [result for result in (*results, *math) if result["id"] in shown]


def _math(
    queries: list[dict[str, Any]], results: list[dict[str, Any]], start: datetime, end: datetime, scan_by: str
) -> list[dict[str, Any]]:
    """The expressions' results, each after those that it is made of. moto knows no expression but an id."""
    known: dict[str, Series] = {
        result["id"]: {
            int(stamp.timestamp()): value for stamp, value in zip(result["timestamps"], result["values"], strict=True)
        }
        for result in results
    }
    periods = [int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query]
    period = max([MINUTE, *periods])
    first = int(start.timestamp()) // period * period
    moments = list(range(first, -(-int(end.timestamp()) // period) * period, period))
    answers = []
    try:
        left = {query["Id"]: (query, Expression(query["Expression"])) for query in queries if "MetricStat" not in query}
        while left:
            ready = [name for name, (_, expression) in left.items() if not expression.names() & set(left)]
            if not ready:
                raise MathError(f"The expressions {', '.join(sorted(left))} are made of each other.")
            for name in ready:
                query, expression = left.pop(name)
                known[name] = expression.evaluate(known, moments)
                found = sorted(known[name].items(), reverse=scan_by != "TimestampAscending")
                stamps = [at(moment * 1000) for moment, _ in found]
                answers.append(_answer(query, name, [value for _, value in found], stamps))
    except MathError as error:
        raise ValidationError(str(error)) from None
    return answers


def _result(
    self: CloudWatchBackend, query: dict[str, Any], start: datetime, end: datetime, scan_by: str
) -> dict[str, Any]:
    wanted = query["MetricStat"]
    metric, statistic, period = wanted["Metric"], wanted["Stat"], int(wanted["Period"])
    if statistic not in STATISTICS:
        raise ValidationError(f"The emulator knows no statistic {statistic}: only {', '.join(STATISTICS)}.")
    if period < 1 or (period > MINUTE and period % MINUTE) or (period < MINUTE and period not in (1, 5, 10, 20, 30)):
        raise ValidationError("The parameter Period must be 1, 5, 10, 20, 30, or any multiple of 60.")
    key = _key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions"))
    found = _periods(self, key, start, end, max(period, MINUTE), wanted.get("Unit"))
    if scan_by != "TimestampAscending":
        found.reverse()
    values = [summary.value(statistic) for _, summary in found]
    return _answer(query, metric["MetricName"], values, [at(begin * 1000) for begin, _ in found])


def _answer(query: dict[str, Any], label: str, values: list[Any], stamps: list[datetime]) -> dict[str, Any]:
    return {
        "id": query["Id"],
        "label": query.get("Label") or label,
        "values": values,
        "timestamps": stamps,
        "status_code": "Complete",
    }


def get_metric_statistics(
    self: CloudWatchBackend,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    stats: list[str],
    dimensions: list[dict[str, str]],
    unit: str | None = None,
) -> list[Statistics]:
    key = _key(namespace, metric_name, dimensions)
    if not any(stored[:2] == key[:2] for stored in list(_store(self))):  # moto makes up a few of AWS's own
        return _get_metric_statistics(
            self, namespace, metric_name, start_time, end_time, period, stats, dimensions, unit
        )
    found = []
    for begin, summary in _periods(self, key, start_time, end_time, max(period, MINUTE), unit):
        point = Statistics(stats, at(begin * 1000), summary.unit)
        point.metric_data = [
            MetricAggregatedDatum(
                namespace,
                metric_name,
                summary.least,
                summary.most,
                summary.count,
                summary.total,
                dimensions,
                point.timestamp,
                summary.unit,
            )
        ]
        found.append(point)
    return found


# Alarms


def new_alarm(self: Alarm, *args: Any, **kwargs: Any) -> None:
    """moto's are OK from the first; AWS's have seen no data yet."""
    _new_alarm(self, *args, **kwargs)
    self.state_value = "INSUFFICIENT_DATA"
    self.configuration_updated_timestamp = self.state_updated_timestamp = pace.now()


def update_state(self: Alarm, reason: str, reason_data: str, state_value: str) -> None:
    _update_state(self, reason, reason_data, state_value)
    self.state_updated_timestamp = pace.now()


def put_metric_alarm(self: CloudWatchBackend, name: str, *args: Any, **kwargs: Any) -> Alarm:
    """An update leaves the state as it is; moto makes a new alarm."""
    before = self.alarms.get(name)
    alarm = _put_metric_alarm(self, name, *args, **kwargs)
    if before is not None:
        for kept in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(alarm, kept, getattr(before, kept))
    return alarm


def describe_alarms(self: CloudWatchResponse) -> ActionResult:
    """moto applies one of the filters only, and returns composite alarms to those who did not ask for them."""
    types = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
    names, prefix = self._get_param("AlarmNames", []), self._get_param("AlarmNamePrefix")
    state, action = self._get_param("StateValue"), self._get_param("ActionPrefix")
    found = [
        alarm
        for alarm in list(self.cloudwatch_backend.describe_alarms())
        if ("MetricAlarm" if alarm.rule is None else "CompositeAlarm") in types
        and (not names or alarm.name in names)
        and (not prefix or alarm.name.startswith(prefix))
        and (not state or alarm.state_value == state)
        and (not action or any(item.startswith(action) for item in alarm.alarm_actions))
    ]
    return ActionResult(
        {
            "MetricAlarms": [alarm for alarm in found if alarm.rule is None],
            "CompositeAlarms": [alarm for alarm in found if alarm.rule is not None],
        }
    )
