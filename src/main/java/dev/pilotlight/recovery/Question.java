package dev.pilotlight.recovery;

/** What the {@linkplain OutsideDefinition outside look} is asked for. */
public enum Question {
    /** Whether the standby's own name leads to it, and nothing hides its signs. */
    REGION("regionLook"),
    /** Whether the claim can be read. */
    CLAIM("claimLook"),
    /** Whether anybody at all can be reached. */
    WITNESSES("witnessLook");

    private final String variable;

    Question(String variable) {
        this.variable = variable;
    }

    /** As the machine's input says it. */
    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The variable of whoever asks: {@code run}, {@code since}, {@code done}, {@code right}, {@code said}. */
    public String variable() {
        return variable;
    }
}
