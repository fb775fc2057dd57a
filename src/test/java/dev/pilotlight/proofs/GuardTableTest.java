package dev.pilotlight.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.proofs.GuardTable.Cell;
import dev.pilotlight.proofs.GuardTable.Evidence;
import dev.pilotlight.proofs.GuardTable.Guard;
import dev.pilotlight.proofs.GuardTable.Held;
import dev.pilotlight.proofs.GuardTable.Repair;
import dev.pilotlight.proofs.GuardTable.Said;
import dev.pilotlight.testing.GeneratedFile;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class GuardTableTest {

    @Test
    void everyGuardMeetsEveryRepairTrippedOrNotOnce() {
        for (Guard guard : Guard.values()) {
            for (Repair repair : Repair.values()) {
                for (boolean tripped : List.of(false, true)) {
                    assertThat(GuardTable.CELLS)
                            .as("%s, %s, tripped: %s", guard, repair, tripped)
                            .filteredOn(cell -> cell.guard() == guard
                                    && cell.tripped() == tripped
                                    && cell.repairs().contains(repair))
                            .hasSize(1);
                }
            }
        }
    }

    /** A cell that names a test which is gone is held by nobody. */
    @Test
    void whatIsHeldIsHeldByATestThatIsThere() {
        assertThat(GuardTable.CELLS.stream()
                        .flatMap(cell -> cell.evidence().stream())
                        .filter(Held.class::isInstance)
                        .map(Held.class::cast)
                        .map(Held::method)
                        .filter(method -> !isATest(method)))
                .isEmpty();
    }

    private static boolean isATest(String reference) {
        String[] parts = reference.split("#", 2);
        try {
            return Arrays.stream(
                            Class.forName("dev.pilotlight." + parts[0], false, GuardTableTest.class.getClassLoader())
                                    .getDeclaredMethods())
                    .filter(method -> method.getName().equals(parts[1]))
                    .anyMatch(GuardTableTest::isATest);
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    private static boolean isATest(Method method) {
        return method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
    }

    @Test
    void whatNoTestCanShowNamesItsSource() {
        assertThat(GuardTable.CELLS)
                .allSatisfy(cell -> assertThat(cell.evidence()).isNotEmpty().allSatisfy(evidence -> {
                    if (evidence instanceof Said said) {
                        assertThat(said.url()).startsWith("https://docs.aws.amazon.com/");
                    }
                }));
    }

    @Test
    void aRefusalHasAWayOn() {
        assertThat(GuardTable.CELLS)
                .filteredOn(
                        cell -> cell.tripped() && cell.happens().matches("(?s).*\\b(refused|refuses|fails|meets)\\b.*"))
                .filteredOn(cell -> !cell.happens().contains("nothing is refused"))
                .isNotEmpty()
                .allSatisfy(cell -> assertThat(cell.wayOn()).as(cell.happens()).isNotEmpty());
    }

    @Test
    void thePageIsUpToDate() {
        GeneratedFile.check(Path.of("docs/guards.md"), page());
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Guards, and the repairs that meet them

                What guards against a mistake also stands in the way of its repair. For each guard, tripped or not, and each \
                repair: what happens, and the way on. Generated from `GuardTable` by `GuardTableTest`; each line names the tests \
                that fail if it is not so, or the document that says it. **Nothing of it has been tried on AWS.**

                """);
        page.append("| if this stands in the way | of this | the way on |\n|---|---|---|\n");
        for (Cell cell : GuardTable.CELLS) {
            if (cell.tripped() && !cell.wayOn().isEmpty()) {
                page.append("| [%s](#%s) | %s | %s |\n"
                        .formatted(
                                cell.guard().title,
                                cell.guard()
                                        .title
                                        .toLowerCase(java.util.Locale.ROOT)
                                        .replace(' ', '-'),
                                repairs(cell),
                                cell.wayOn()));
            }
        }
        for (Guard guard : Guard.values()) {
            page.append("\n## %s\n\n%s Tripped: %s.\n\n".formatted(guard.title, guard.does, guard.tripped));
            page.append("| repair | tripped | what happens | the way on | who says so |\n|---|---|---|---|---|\n");
            GuardTable.CELLS.stream()
                    .filter(cell -> cell.guard() == guard)
                    .forEach(cell -> page.append("| %s | %s | %s | %s | %s |\n"
                            .formatted(
                                    repairs(cell),
                                    cell.tripped() ? "yes" : "no",
                                    cell.happens(),
                                    cell.wayOn().isEmpty() ? "–" : cell.wayOn(),
                                    cell.evidence().stream()
                                            .map(GuardTableTest::shown)
                                            .distinct()
                                            .collect(Collectors.joining(", ")))));
        }
        return page.toString();
    }

    private static String repairs(Cell cell) {
        return cell.repairs().size() == Repair.values().length
                ? "Any"
                : Stream.of(Repair.values())
                        .filter(cell.repairs()::contains)
                        .map(repair -> repair.title)
                        .collect(Collectors.joining("; "));
    }

    private static String shown(Evidence evidence) {
        if (evidence instanceof Said said) {
            return "[%s](%s)".formatted(said.by(), said.url());
        }
        String type = ((Held) evidence).method().replaceFirst("#.*", "").replaceFirst("\\$.*", "");
        return "`%s`".formatted(type.substring(type.lastIndexOf('.') + 1));
    }
}
