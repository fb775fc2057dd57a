package dev.pilotlight.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.testing.Command;
import org.junit.jupiter.api.Test;

/** What is not Java is checked by the tools of its own kind, pinned in local/requirements.txt. */
class ToolsTest {

    @Test
    void actionlintFindsNothingInTheWorkflows() {
        passes(".venv/bin/actionlint");
    }

    /** Unpinned actions, too wide permissions, template injection, kept credentials. */
    @Test
    void zizmorFindsNothingInTheWorkflows() {
        passes(".venv/bin/zizmor", "--offline", "--quiet", "--persona=pedantic", ".github/workflows");
    }

    @Test
    void theCommentOnPullRequestsPassesItsTests() {
        passes("node_modules/.bin/node", "--test", ".github/scripts/diff-comment.test.cjs");
    }

    @Test
    void cfnLintFindsNothingInTheRoleForGitHub() {
        passes(".venv/bin/cfn-lint", ".github/oidc-role.yaml");
    }

    @Test
    void ruffFindsNothingInTheEmulator() {
        passes(".venv/bin/ruff", "check", "local");
        passes(".venv/bin/ruff", "format", "--check", "local");
    }

    /** In the Python of Amazon Linux 2023. */
    @Test
    void ruffFindsNothingInTheAgent() {
        String[] agent = {"--config=local/pyproject.toml", "--target-version=py39", "src/main/resources/user-data"};
        passes(".venv/bin/ruff", "check", agent[0], agent[1], agent[2]);
        passes(".venv/bin/ruff", "format", "--check", agent[0], agent[1], agent[2]);
    }

    @Test
    void theEmulatorsOwnTestsPass() {
        passes(".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "local/tests");
    }

    private static void passes(String... command) {
        Command.Result result = Command.of(command).run();
        assertThat(result.exitValue()).as(result.output()).isZero();
    }
}
