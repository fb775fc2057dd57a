package dev.pilotlight.cli.operate;

import java.util.Optional;
import java.util.function.Function;

/** What came of looking at something. */
public sealed interface Look<T> {

    record Seen<T>(T value) implements Look<T> {}

    /**
     * It could not be seen.
     *
     * @param answered whether the service said so itself, as with a missing permission: its region lives then
     * @param why a few words
     */
    record Unknown<T>(boolean answered, String why) implements Look<T> {}

    static <T> Look<T> seen(T value) {
        return new Seen<>(value);
    }

    default Optional<T> ifSeen() {
        return this instanceof Seen<T> seen ? Optional.of(seen.value()) : Optional.empty();
    }

    default boolean isAnswered() {
        return !(this instanceof Unknown<T> unknown) || unknown.answered();
    }

    default <R> Look<R> map(Function<? super T, ? extends R> change) {
        return this instanceof Seen<T> seen
                ? new Seen<>(change.apply(seen.value()))
                : new Unknown<>(((Unknown<T>) this).answered(), ((Unknown<T>) this).why());
    }
}
