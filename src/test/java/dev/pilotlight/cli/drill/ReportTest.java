package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {

    private static final DrillRecord PASSED = SampleDrill.passed();
    private final String html = new ReportPage(PASSED).html();

    private static Document parsed(String html) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }

    @Test
    void thePageIsWellFormedAndTellsItsLanguageAndWidth() throws Exception {
        Document page = parsed(html);
        assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
        assertThat(html).startsWith("<!DOCTYPE html>").contains("width=device-width");
        assertThat(page.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("Pilotlight drill: pilotlight-dev, PASSED");
    }

    @Test
    void thePageNeedsNothingFromAnywhere() {
        assertThat(html).doesNotContain("http:", "https:", "src=", "href=", "@import", "url(", "<script");
    }

    @Test
    void textOfOthersIsNoMarkup() {
        assertThat(html).contains("Fail over &lt;script&gt;");
    }

    @Test
    void verdictAndFiguresComeFirstEachWithItsSource() {
        assertThat(html)
                .containsSubsequence(
                        "PASSED",
                        "emulated",
                        "Recovery time",
                        "16 min 12 s",
                        "modelled",
                        "Bound",
                        "15 min 30 s",
                        "Overhead",
                        "4.5 %",
                        "objective",
                        "30 min",
                        "The failover",
                        "Steps and checks",
                        "What this does not prove");
        assertThat(PASSED.figures())
                .allSatisfy(figure -> assertThat(figure.source()).isNotNull());
    }

    @Test
    void everyStepAndCheckIsThere() {
        PASSED.phases().forEach(phase -> {
            phase.steps().forEach(step -> assertThat(html).contains(step.title()));
            phase.checks().forEach(check -> assertThat(html).contains(check.rule(), check.observed()));
        });
        assertThat(html).contains("Not reached.", "✓ holds").doesNotContain("✗");
    }

    @Test
    void timesAreFromTheLossOfTheRegion() {
        assertThat(html).contains("Alarm at +3:20", "−6:36", "Claimed at +13:40");
    }

    @Test
    void aFailureSaysWhereAndWhy() {
        assertThat(new ReportPage(SampleDrill.failed()).html())
                .contains("FAILED", "Failed: ", "the runbook ended as TIMED_OUT", "✗ does not hold");
    }

    @Test
    void theJsonHoldsWhatTheDocumentationSaysAndNothingElse() throws Exception {
        Set<String> names = new TreeSet<>();
        collect(new ObjectMapper().readTree(DrillReport.json(SampleDrill.failed())), names);
        collect(new ObjectMapper().readTree(DrillReport.json(PASSED)), names);
        String documentation = Files.readString(Path.of("docs/drill.md"));
        assertThat(names).allSatisfy(name -> assertThat(documentation).contains("`" + name + "`"));
        assertThat(names)
                .contains("format", "verdict", "lostAtMillis", "movements", "overheadPercent", "tracks", "observed");
    }

    private static void collect(JsonNode node, Set<String> names) {
        node.properties().forEach(field -> {
            names.add(field.getKey());
            collect(field.getValue(), names);
        });
        if (node.isArray()) {
            node.forEach(element -> collect(element, names));
        }
    }

    @Test
    void theJsonGivesBackTheRecord() throws Exception {
        assertThat(new ObjectMapper().readValue(DrillReport.json(PASSED), DrillRecord.class))
                .isEqualTo(PASSED);
    }

    @Test
    void bothFilesAreWritten(@TempDir Path folder) throws Exception {
        DrillReport.write(PASSED, folder.resolve("new"));
        DrillReport.write(SampleDrill.failed(), folder.resolve("new"));
        assertThat(folder.resolve("new"))
                .isDirectoryContaining("glob:**report.html")
                .isDirectoryContaining("glob:**report.json");
        assertThat(Files.readString(folder.resolve("new/report.json"))).contains("\"FAILED\"");
    }
}
