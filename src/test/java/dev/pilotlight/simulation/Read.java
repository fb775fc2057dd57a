package dev.pilotlight.simulation;

/** What can be read, each eventually consistent by itself [doc]. */
enum Read {
    RULES,
    TARGETS,
    GROUP,
    DATABASE,
    TAGS,
    EXECUTIONS,
    METRICS,
    ALARMS
}
