package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.scheduler.model.GetScheduleResponse;
import software.amazon.awssdk.services.scheduler.model.ScheduleState;

/** EventBridge Scheduler's schedules that start state machines at a rate. Those by the calendar are not played. */
final class Schedules {

    private static final Pattern RATE = Pattern.compile("rate\\((\\d+) (minute|hour|day)s?\\)");

    private record Schedule(String arn, String machine, String input, Duration every) {}

    private final Reach reach;
    private final Events events;
    private final Map<RegionName, List<Schedule>> schedules = new EnumMap<>(RegionName.class);
    private final Map<String, Instant> next = new HashMap<>();

    Schedules(Reach reach, Events events) {
        this.reach = reach;
        this.events = events;
    }

    void refreshDeployed(RegionName region) {
        reach.ask(region, "schedules of", in -> {
            List<Schedule> found = new ArrayList<>();
            in.scheduler().listSchedules(request -> {}).schedules().forEach(summary -> {
                GetScheduleResponse schedule = in.scheduler()
                        .getSchedule(request -> request.name(summary.name()).groupName(summary.groupName()));
                if (schedule.state() != ScheduleState.DISABLED
                        && Events.isStateMachine(schedule.target().arn())) {
                    every(schedule.scheduleExpression())
                            .ifPresentOrElse(
                                    every -> found.add(new Schedule(
                                            schedule.arn(),
                                            schedule.target().arn(),
                                            Optional.ofNullable(
                                                            schedule.target().input())
                                                    .orElse("{}"),
                                            every)),
                                    () -> reach.say(
                                            "the schedule " + summary.name(),
                                            schedule.scheduleExpression() + " is not played, only rates are"));
                }
            });
            schedules.put(region, found);
            return true;
        });
    }

    static Optional<Duration> every(String expression) {
        Matcher rate = RATE.matcher(expression);
        if (!rate.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(rate.group(1));
        return Optional.of(
                switch (rate.group(2)) {
                    case "minute" -> Duration.ofMinutes(number);
                    case "hour" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                });
    }

    void play(Instant now) {
        schedules.forEach((region, list) -> {
            if (!reach.isUp(region)) {
                return;
            }
            for (Schedule schedule : list) {
                Instant due = next.computeIfAbsent(schedule.arn(), any -> now.plus(schedule.every()));
                if (!now.isBefore(due)) {
                    // What was missed is not made up for.
                    next.put(schedule.arn(), now.plus(schedule.every()));
                    events.start(region, schedule.machine(), schedule.input(), "", now);
                }
            }
        });
    }
}
