package dev.pilotlight.simulation;

import java.util.ArrayList;
import java.util.List;

/** A value and what it was before. */
final class History<T> {

    private final List<Long> times = new ArrayList<>();
    private final List<T> values = new ArrayList<>();

    History(T first) {
        times.add(Long.MIN_VALUE);
        values.add(first);
    }

    void put(long time, T value) {
        times.add(time);
        values.add(value);
    }

    T newest() {
        return values.get(values.size() - 1);
    }

    T at(long time) {
        int index = times.size() - 1;
        while (times.get(index) > time) {
            index--;
        }
        return values.get(index);
    }
}
