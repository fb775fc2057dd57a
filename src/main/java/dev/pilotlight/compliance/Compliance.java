package dev.pilotlight.compliance;

import dev.pilotlight.config.Profile;
import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.NIST80053R5Checks;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Aspects;

/** The rule packs that every synth is checked against. A finding that is not acknowledged is an error. */
public final class Compliance {

    private Compliance() {}

    public static void check(App app, Profile profile) {
        Aspects.of(app)
                .add(AwsSolutionsChecks.Builder.create()
                        .verbose(true)
                        .reports(false)
                        .build());
        if (profile == Profile.PRODUCTION) {
            Aspects.of(app)
                    .add(NIST80053R5Checks.Builder.create()
                            .verbose(true)
                            .reports(false)
                            .build());
        }
    }
}
