package dev.pilotlight.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Health checks, agents and runbooks of deployed systems look for exactly these. */
class ClaimTest {

    @Test
    void aClaimNamesWorkloadAndTerm() {
        Claim claim = new Claim("shop", 7);
        assertThat(claim.path()).isEqualTo("/.well-known/pilotlight/leader/7");
        assertThat(claim.text()).isEqualTo("pilotlight: shop is led from here in term 7");
    }

    @Test
    void everyClaimLiesUnderTheReservedPath() {
        String reserved = Claim.RESERVED_PATH.substring(0, Claim.RESERVED_PATH.length() - 1);
        assertThat(Claim.RESERVED_PATH).endsWith("/*");
        assertThat(new Claim("shop", 1).path()).startsWith(reserved);
    }

    @Test
    void theTextOfOneTermIsNotFoundInThatOfAnother() {
        // Route 53 searches for the text: term 1 must not pass for 11. The path keeps them apart.
        assertThat(new Claim("shop", 11).path()).isNotEqualTo(new Claim("shop", 1).path());
    }
}
