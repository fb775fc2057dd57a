package dev.pilotlight.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.config.Packed;
import dev.pilotlight.config.UserData;
import dev.pilotlight.testing.Command;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeroturnaround.exec.ProcessExecutor;
import org.zeroturnaround.exec.ProcessResult;

/** What user data holds, and what it does at the first boot. */
class BootScriptTest {

    private static final int LIMIT_OF_EC2 = 16 * 1024;

    @TempDir
    Path folder;

    @Test
    void theLargestScriptFits() {
        // As hard to compress as text can be.
        Random random = new Random(1);
        StringBuilder script = new StringBuilder("#!/bin/bash\n");
        while (Packed.of(script.toString()).length() <= UserData.MAX_PACKED_BYTES) {
            random.ints(32, '!', '~').forEach(letter -> script.append((char) letter));
        }
        script.setLength(script.length() - 32);
        assertThat(text(script.toString())).hasSizeLessThanOrEqualTo(LIMIT_OF_EC2);
    }

    @Test
    void theSampleFits() {
        assertThat(Packed.of(BootScript.sampleWorkload())).hasSizeLessThanOrEqualTo(UserData.MAX_PACKED_BYTES);
        assertThat(text(BootScript.sampleWorkload())).hasSizeLessThan(LIMIT_OF_EC2 * 4 / 5);
    }

    @Test
    void whatIsPackedComesOutAsItWas() throws Exception {
        String workload = "#!/bin/bash\necho 'ünïcode' \"$HOME\" @WORKLOAD@ @AGENT@\n";
        assertThat(unpacked(text(workload)))
                .contains("\n" + BootScript.agent() + "PILOTLIGHT_END\n")
                .contains("\n" + workload + "PILOTLIGHT_END_OF_WORKLOAD\n");
    }

    /** Comments, indentation and types of return values go, nothing else: the two are the same program to Python. */
    @Test
    void theAgentWithoutCommentsIsTheAgent() throws IOException {
        Path stripped = Files.writeString(folder.resolve("agent.py"), BootScript.agent());
        Command.Result same = Command.of(
                        ".venv/bin/python", "-c", """
                import ast, sys

                def program(path):
                    tree = ast.parse(open(path).read())
                    for node in ast.walk(tree):
                        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
                            del node.body[0]
                        if isinstance(node, ast.FunctionDef):
                            node.returns = None
                    return ast.dump(tree)

                assert program(sys.argv[1]) == program(sys.argv[2])
                """, "src/main/resources/user-data/agent.py", stripped.toString())
                .run();
        assertThat(same.exitValue()).as(same.output()).isZero();
        assertThat(BootScript.agent()).doesNotContain("\"\"\"", "\n#\n", "\n\n").contains("# The agent, without");
    }

    /** The same bytes on every machine: others would be another launch template, and replace every instance. */
    @Test
    void packingIsOurs() {
        assertThat(Packed.of("pilotlight ".repeat(10))).isEqualTo("0{{R40B!&P00000001}}9ViGh@=;GTfPO)tfP?@5");
    }

    /** The whole of user data, with its folders moved aside and a systemctl that notes what it is told. */
    @Test
    void theWorkloadIsNotInstalledBeforeTheAgentPermitsIt() throws Exception {
        Path calls = folder.resolve("calls");
        Path tools = Files.createDirectory(folder.resolve("tools"));
        Files.writeString(tools.resolve("systemctl"), "#!/bin/bash\necho \"$*\" >> '" + calls + "'\n");
        Command.of("chmod", "755", tools.resolve("systemctl").toString()).run();
        for (String each : List.of("run/pilotlight", "var/lib/pilotlight", "etc/systemd/system")) {
            Files.createDirectories(folder.resolve(each));
        }
        // Left in the image by the instance that it was made of.
        Files.writeString(folder.resolve("var/lib/pilotlight/superseded"), "1");
        String script = aside(text("#!/bin/bash\necho installed >> " + calls + "\n"))
                .replace(
                        "exec bash ",
                        "sed -i -E 's#" + ABSOLUTE + "#" + folder + "/\\1/#g' " + folder
                                + "/opt/pilotlight/boot\nexec bash ");
        Path userData = Files.writeString(folder.resolve("user-data"), script);
        Future<ProcessResult> boot = new ProcessExecutor("bash", userData.toString())
                .environment(Map.of("PATH", tools + ":" + System.getenv("PATH")))
                .readOutput(true)
                .redirectErrorStream(true)
                .start()
                .getFuture();
        Await.until("the agent is started", () -> lines(calls).size() >= 2);
        assertThat(lines(calls)).containsExactly("daemon-reload", "enable --now pilotlight-agent.service");
        assertThat(folder.resolve("var/lib/pilotlight")).doesNotExist();
        assertThat(boot.isDone()).isFalse();

        Files.createFile(folder.resolve("run/pilotlight/workload-may-run"));
        ProcessResult result = boot.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(result.getExitValue()).as(result.outputUTF8()).isZero();
        assertThat(lines(calls)).endsWith("installed");
        assertThat(folder.resolve("opt/pilotlight/agent.py")).hasContent(aside(BootScript.agent()));
        assertThat(folder.resolve("etc/pilotlight/agent"))
                .content()
                .contains("PILOTLIGHT_OTHER_HOST=dr.app.example.com\n");
        assertThat(folder.resolve("etc/systemd/system/pilotlight-agent.service"))
                .content()
                .contains("WatchdogSec=", "Restart=always", "EnvironmentFile=" + folder + "/etc/pilotlight/agent\n");
        assertThat(folder.resolve("etc/systemd/system/workload.service.d/pilotlight.conf"))
                .content()
                .contains("ConditionPathExists=" + folder + "/run/pilotlight/workload-may-run");
    }

    private static final String ABSOLUTE = "/(etc|opt|run|var)/";

    private String aside(String text) {
        return text.replaceAll(ABSOLUTE, Matcher.quoteReplacement(folder.toString()) + "/$1/");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the longest names. */
    private static String text(String workload) {
        Names names = new Names(
                "pilotlight-dev-and-more",
                "aws",
                "123456789012",
                Map.of(RegionName.PRIMARY, "ap-southeast-1", RegionName.DR, "ap-southeast-2"),
                "app.example.com");
        String endpoint = "pilotlight-dev-and-more-db-0.cabcdefghijk.ap-southeast-1.rds.amazonaws.com";
        return new BootScript(names, RegionName.PRIMARY, endpoint, 0, "amazonaws.com", workload).text();
    }

    /** What user data unpacks, by the very command in it. */
    private static String unpacked(String userData) throws Exception {
        String packed = Pattern.compile("^\\S{1000,}$", Pattern.MULTILINE)
                .matcher(userData)
                .results()
                .map(result -> result.group() + "\n")
                .collect(Collectors.joining());
        Matcher command =
                Pattern.compile("^python3 -c '([^']+)' >", Pattern.MULTILINE).matcher(userData);
        assertThat(command.find()).isTrue();
        return new ProcessExecutor(".venv/bin/python", "-c", command.group(1))
                .redirectInput(new ByteArrayInputStream(packed.getBytes(StandardCharsets.UTF_8)))
                .environment("PYTHONUTF8", "1")
                .readOutput(true)
                .exitValueNormal()
                .execute()
                .outputUTF8();
    }
}
